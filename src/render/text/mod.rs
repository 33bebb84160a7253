//! A page for a terminal that reads in ten seconds: the verdict first, then what supports it.

mod bottlenecks;
mod findings;
mod headline;
mod page;
mod plan;
mod standing;

use super::View;
pub(super) use page::Page;

/// The page: verdict, phase and cost, resources, findings, plan.
pub(super) fn render(view: &View<'_>) -> String {
    let mut page = Page::new(view.width, view.styled);
    headline::write(view, &mut page);
    standing::write(view, &mut page);
    bottlenecks::write(view, &mut page);
    findings::write(view, &mut page);
    plan::write(view, &mut page);
    page.finish()
}
