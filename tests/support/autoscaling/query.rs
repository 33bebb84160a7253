//! The part of PromQL that exported triggers use, over one gauge.

use std::time::Duration;

use promql_parser::parser::{
    self, BinaryExpr, Expr, Offset,
    token::{T_LOR, T_LSS, T_MUL},
};

use super::traffic::SYNC;

/// A query, ready to be asked at any step.
#[derive(Debug)]
pub(crate) struct Query(Expr);

impl Query {
    /// # Panics
    /// When it is no PromQL.
    pub(crate) fn parse(text: &str) -> Self {
        Self(parser::parse(text).unwrap())
    }

    /// Its value at a step, from what was scraped before it; `None` where there is none.
    pub(crate) fn at(&self, gauge: &[f64], at: usize) -> Option<f64> {
        value(&self.0, gauge, i64::try_from(at).unwrap())
    }
}

fn value(tree: &Expr, gauge: &[f64], at: i64) -> Option<f64> {
    match tree {
        Expr::Paren(paren) => value(&paren.expr, gauge, at),
        Expr::NumberLiteral(literal) => Some(literal.val),
        Expr::Aggregate(aggregate) => value(&aggregate.expr, gauge, at),
        Expr::Call(call) if call.func.name == "avg_over_time" => mean(&call.args.args[0], gauge, at),
        Expr::Binary(BinaryExpr { op, lhs, rhs, .. }) => {
            let (left, right) = (value(lhs, gauge, at), value(rhs, gauge, at));
            match op.id() {
                T_MUL => Some(left? * right?),
                T_LSS => left.zip(right).filter(|(left, right)| left < right).map(|(left, _)| left),
                T_LOR => left.or(right),
                other => panic!("operator {other} in {tree}"),
            }
        }
        other => panic!("{other} is not part of the simulator"),
    }
}

/// The mean over a range of samples, or of what a subquery gives.
fn mean(range: &Expr, gauge: &[f64], at: i64) -> Option<f64> {
    let values: Vec<f64> = match range {
        Expr::MatrixSelector(matrix) => {
            let end = at - back(matrix.vs.offset.as_ref());
            let from = end - steps(matrix.range);
            (from..end).filter_map(|step| gauge.get(usize::try_from(step).ok()?).copied()).collect()
        }
        Expr::Subquery(subquery) => {
            let end = at - back(subquery.offset.as_ref());
            let each = steps(subquery.step.unwrap_or(Duration::from_secs(60)));
            let looks = (0..=steps(subquery.range)).step_by(usize::try_from(each).unwrap());
            looks.filter_map(|ago| value(&subquery.expr, gauge, end - ago)).collect()
        }
        other => panic!("{other} is no range"),
    };
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// How many steps an offset leads back.
fn back(offset: Option<&Offset>) -> i64 {
    match offset {
        Some(Offset::Pos(by)) => steps(*by),
        Some(Offset::Neg(_)) => panic!("an offset into the future"),
        None => 0,
    }
}

fn steps(time: Duration) -> i64 {
    i64::try_from(time.as_secs() / SYNC as u64).unwrap()
}
