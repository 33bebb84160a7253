//! How a signal follows the load.

/// A shape of the relation, `signal = background + amount × shape(load)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// In proportion.
    Line,
    /// A line that is steeper or flatter above a load.
    Hinge {
        /// That load.
        from: f64,
    },
    /// `load^exponent`: what grows faster than the load, or is shared by more of it.
    Power {
        /// The exponent.
        exponent: f64,
    },
    /// `load / (1 - load / most)`: what waits for a server that is busy with a share `load / most` of its time (M/M/1).
    Queue {
        /// The load at which waiting would never end.
        most: f64,
    },
}

const EXPONENTS: [f64; 8] = [0.5, 0.6, 0.7, 0.8, 0.9, 1.15, 1.4, 1.8];
/// By comparison with the highest load seen.
const MOSTS: [f64; 9] = [1.03, 1.08, 1.15, 1.25, 1.4, 1.65, 2.1, 3.0, 5.0];

impl Shape {
    /// All that are tried. `bends` are loads at which a line may bend.
    pub(super) fn all(highest: f64, bends: &[f64]) -> Vec<Self> {
        let hinges = bends.iter().map(|&from| Self::Hinge { from });
        let powers = EXPONENTS.into_iter().map(|exponent| Self::Power { exponent });
        let queues = MOSTS.into_iter().map(|most| Self::Queue { most: most * highest });
        std::iter::once(Self::Line).chain(hinges).chain(powers).chain(queues).collect()
    }

    /// Shapes like it, between those that are tried, from a coarser to a finer distance.
    pub(super) fn neighbours(self, distance: f64) -> Vec<Self> {
        match self {
            Self::Line | Self::Hinge { .. } => Vec::new(),
            Self::Power { exponent } => [exponent * (1.0 - distance), exponent * (1.0 + distance)]
                .map(|exponent| Self::Power { exponent })
                .into(),
            Self::Queue { most } => {
                [most * (1.0 - distance), most * (1.0 + distance)].map(|most| Self::Queue { most }).into()
            }
        }
    }

    /// What the amount multiplies; a hinge has a second amount for [`Self::above`].
    pub(super) fn of(self, load: f64, unit: f64) -> f64 {
        match self {
            Self::Line | Self::Hinge { .. } => load,
            Self::Power { exponent } => unit * (load / unit).powf(exponent),
            Self::Queue { most } => {
                let busy = (load / most).min(0.999_999);
                load / (1.0 - busy)
            }
        }
    }

    /// How far a load lies above a hinge.
    pub(super) fn above(self, load: f64) -> f64 {
        if let Self::Hinge { from } = self { (load - from).max(0.0) } else { 0.0 }
    }
}

/// One relation that the measurements allow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relation {
    /// Its shape.
    pub shape: Shape,
    /// What is used without load on the last day.
    pub background: f64,
    /// What the shape is multiplied by.
    pub amount: f64,
    /// What is added for a unit of load above a hinge.
    pub more: f64,
    /// What it grows by in a day whatever the load is.
    pub own: f64,
    /// A load that powers count from.
    pub unit: f64,
}

impl Relation {
    /// The signal at a load, `days` after the last day of the measurements.
    pub fn signal(&self, load: f64, days: f64) -> f64 {
        let driven = self.amount * self.shape.of(load, self.unit) + self.more * self.shape.above(load);
        self.background + driven + self.own * days
    }

    /// The load at which the signal reaches `limit`; 0 where it does without any load, infinite where it never does.
    pub fn load_at(&self, limit: f64) -> f64 {
        let needed = limit - self.background;
        if needed <= 0.0 {
            return 0.0;
        }
        let reached = if self.amount > 0.0 { needed / self.amount } else { f64::INFINITY };
        match self.shape {
            Shape::Line => reached,
            Shape::Hinge { from } if reached <= from => reached,
            Shape::Hinge { from } => {
                let steeper = self.amount + self.more;
                if steeper > 0.0 { from + (needed - self.amount * from) / steeper } else { f64::INFINITY }
            }
            Shape::Power { exponent } => self.unit * (reached / self.unit).powf(1.0 / exponent),
            Shape::Queue { most } if reached.is_finite() => reached / (1.0 + reached / most),
            Shape::Queue { most } => most,
        }
    }
}
