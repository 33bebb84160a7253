//! Colours for light and dark, and how the colours a drawing library writes become both.

use std::fmt::Write;

use plotters::style::RGBColor;

/// The meaning of a stroke or a surface. Each has a light colour of its own, by which it is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Paper,
    Text,
    Faint,
    Grid,
    Axis,
    Measured,
    Middle,
    Extrapolated,
    Half,
    Most,
    Limit,
    LimitText,
    Warning,
    WarningText,
    Crossing,
    Milestone,
    ActBy,
    Leader,
    PhaseText,
    PhaseEven,
    PhaseOdd,
    Begin,
    Interval,
    IntervalText,
}

/// Name of the class, light colour, dark colour, and further attributes.
struct Look {
    name: &'static str,
    light: u32,
    dark: u32,
    more: Further,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Further {
    Nothing,
    /// Strokes and gaps.
    Dashes(&'static str),
    /// A rim of paper around letters, so that they can be read on lines.
    Rim,
}

impl Ink {
    const ALL: [Self; 24] = [
        Self::Paper,
        Self::Text,
        Self::Faint,
        Self::Grid,
        Self::Axis,
        Self::Measured,
        Self::Middle,
        Self::Extrapolated,
        Self::Half,
        Self::Most,
        Self::Limit,
        Self::LimitText,
        Self::Warning,
        Self::WarningText,
        Self::Crossing,
        Self::Milestone,
        Self::ActBy,
        Self::Leader,
        Self::PhaseText,
        Self::PhaseEven,
        Self::PhaseOdd,
        Self::Begin,
        Self::Interval,
        Self::IntervalText,
    ];

    fn look(self) -> Look {
        use Further::{Dashes, Nothing, Rim};
        let (name, light, dark, more) = match self {
            Self::Paper => ("paper", 0x00ff_ffff, 0x0014_181f, Nothing),
            Self::Text => ("text", 0x001f_2933, 0x00e6_eaf0, Nothing),
            Self::Faint => ("faint", 0x0048_5563, 0x00b4_bec9, Nothing),
            Self::Grid => ("grid", 0x00dd_e3ea, 0x002e_3744, Nothing),
            Self::Axis => ("axis", 0x008a_96a3, 0x006b_7888, Nothing),
            Self::Measured => ("measured", 0x0033_404d, 0x00cf_d8e3, Nothing),
            Self::Middle => ("middle", 0x000b_62bd, 0x006c_b6ff, Nothing),
            Self::Extrapolated => ("extrapolated", 0x000b_62be, 0x006c_b6ff, Dashes("8 6")),
            Self::Half => ("half", 0x009c_c7f0, 0x002b_5f93, Nothing),
            Self::Most => ("most", 0x00cf_e3f8, 0x001b_3b5e, Nothing),
            Self::Limit => ("limit", 0x00c0_262d, 0x00ff_7b72, Nothing),
            Self::LimitText => ("limit-text", 0x00b0_1f26, 0x00ff_8b83, Rim),
            Self::Warning => ("warning", 0x00b3_5900, 0x00f0_a050, Dashes("8 6")),
            Self::WarningText => ("warning-text", 0x0094_4a00, 0x00f2_ab63, Rim),
            Self::Crossing => ("crossing", 0x0096_1a20, 0x00ff_a59f, Nothing),
            Self::Milestone => ("milestone", 0x006a_3fb5, 0x00b8_a1ff, Nothing),
            Self::ActBy => ("act-by", 0x006a_3fb6, 0x00b8_a1fe, Dashes("3 6")),
            Self::Leader => ("leader", 0x009a_86c6, 0x007a_68b0, Nothing),
            Self::PhaseText => ("phase-text", 0x0048_5564, 0x00b4_beca, Rim),
            Self::PhaseEven => ("phase-even", 0x00f6_f8fa, 0x0018_1d26, Nothing),
            Self::PhaseOdd => ("phase-odd", 0x00e6_ebf1, 0x0024_2c39, Nothing),
            Self::Begin => ("begin", 0x008a_96a4, 0x006b_7889, Dashes("4 4")),
            Self::Interval => ("interval", 0x00f3_dfdc, 0x0042_2729, Nothing),
            Self::IntervalText => ("interval-text", 0x0096_1a21, 0x00ff_a59e, Rim),
        };
        Look { name, light, dark, more }
    }

    /// The colour to draw with.
    #[expect(clippy::cast_possible_truncation, reason = "a byte is taken of each")]
    pub(super) fn colour(self) -> RGBColor {
        let light = self.look().light;
        RGBColor((light >> 16) as u8, (light >> 8) as u8, light as u8)
    }
}

/// The colours on a dark screen; each stroke has a light one. The same for every picture.
pub(in crate::render) fn style() -> String {
    let mut rules = String::new();
    for look in Ink::ALL.map(Ink::look) {
        let Look { name, dark, more, .. } = look;
        let rim = if more == Further::Rim {
            format!(";stroke:#{:06x}", Ink::Paper.look().dark)
        } else {
            String::new()
        };
        // Writing to a string cannot fail.
        let _ = write!(rules, ".sa-{name}[fill^=\"#\"]{{fill:#{dark:06x}{rim}}}");
        if more != Further::Rim {
            let _ = write!(rules, ".sa-{name}[stroke^=\"#\"]{{stroke:#{dark:06x}}}");
        }
    }
    format!(
        "<style>.sa-chart{{max-width:100%;height:auto}}@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"
    )
}

/// Gives everything that was drawn the class of its ink and what belongs to it. Quotes inside texts are escaped, so
/// that nothing a text says can look like an attribute.
pub(super) fn with_classes(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len() * 5 / 4);
    let mut rest = svg;
    while let Some(at) = rest.find("=\"#") {
        let (before, after) = rest.split_at(at);
        let name = before.rfind(' ').map_or(0, |space| space + 1);
        out.push_str(&before[..name]);
        let value = after.get(3..9).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(look) = Ink::ALL.map(Ink::look).into_iter().find(|look| Some(look.light) == value) {
            out.extend(["class=\"sa-", look.name, "\" "]);
            out.push_str(&attributes(look.more));
        }
        out.push_str(&before[name..]);
        out.push_str(&after[..3]);
        rest = &after[3..];
    }
    out.push_str(rest);
    out
}

fn attributes(more: Further) -> String {
    match more {
        Further::Nothing => String::new(),
        Further::Dashes(dashes) => format!("stroke-dasharray=\"{dashes}\" "),
        Further::Rim => format!(
            "paint-order=\"stroke\" stroke=\"#{:06x}\" stroke-width=\"5\" stroke-linejoin=\"round\" ",
            Ink::Paper.look().light
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_ink_is_found_again_by_its_colour_and_its_name() {
        let colours: BTreeSet<u32> = Ink::ALL.map(|ink| ink.look().light).into();
        let names: BTreeSet<&str> = Ink::ALL.map(|ink| ink.look().name).into();
        assert_eq!((colours.len(), names.len()), (Ink::ALL.len(), Ink::ALL.len()));
    }

    #[test]
    fn strokes_get_their_class_and_texts_stay_as_they_are() {
        let drawn =
            "<line stroke=\"#B35900\" x=\"1\"/><text fill=\"#1F2933\">\nfill=&quot;#1F2933&quot;\n</text>";
        assert_eq!(
            with_classes(drawn),
            "<line class=\"sa-warning\" stroke-dasharray=\"8 6\" stroke=\"#B35900\" x=\"1\"/>\
             <text class=\"sa-text\" fill=\"#1F2933\">\nfill=&quot;#1F2933&quot;\n</text>"
        );
    }

    /// Relative luminance after WCAG 2.
    fn luminance(colour: u32) -> f64 {
        let part = |shift: u32| {
            let share = f64::from((colour >> shift) & 0xff) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    fn contrast(left: u32, right: u32) -> f64 {
        let (left, right) = (luminance(left), luminance(right));
        (left.max(right) + 0.05) / (left.min(right) + 0.05)
    }

    #[test]
    fn letters_and_lines_stand_out_on_both_papers() {
        use Ink::*;
        let (paper, texts) =
            (Paper.look(), [Text, Faint, LimitText, WarningText, PhaseText, IntervalText, Milestone]);
        for look in texts.map(Ink::look) {
            assert!(
                contrast(look.light, paper.light) >= 4.5 && contrast(look.dark, paper.dark) >= 4.5,
                "{}",
                look.name
            );
        }
        for line in [Measured, Middle, Extrapolated, Limit, Warning, Crossing, ActBy].map(Ink::look) {
            for under in [Paper, Most, PhaseOdd].map(Ink::look) {
                let least = contrast(line.light, under.light).min(contrast(line.dark, under.dark));
                assert!(least >= 3.0, "{} on {}: {least:.1}", line.name, under.name);
            }
        }
    }
}
