//! Waiting lines with several servers: M/M/c, by recursion.
//!
//! Arrivals are Poisson, service times exponential, `c` servers take jobs from one line. The *offered load*
//! `a` is the number of servers that would be busy if there were always one free: arrivals per second times
//! seconds of service. Source: Kleinrock, *Queueing Systems*, volume 1 (1975), chapter 3; Erlang (1917).

/// Erlang's loss formula: the share of arrivals that find all `servers` busy when nobody may wait.
///
/// `B(0) = 1`, `B(k) = a·B(k−1) / (k + a·B(k−1))`, which is stable for thousands of servers, unlike powers
/// and factorials. `None` when the load is negative or not finite.
pub fn erlang_b(servers: u32, load: f64) -> Option<f64> {
    if !load.is_finite() || load < 0.0 {
        return None;
    }
    Some((1..=servers).fold(1.0, |blocked, server| {
        let offered = load * blocked;
        offered / (f64::from(server) + offered)
    }))
}

/// Erlang's waiting formula: the share of arrivals that have to wait.
///
/// `C = B / (1 − ρ·(1 − B))` with `ρ = a / c`. `None` when the servers cannot carry the load (`a ≥ c`), or
/// the load is negative or not finite: then the line grows without end.
pub fn erlang_c(servers: u32, load: f64) -> Option<f64> {
    let blocked = erlang_b(servers, load)?;
    let utilisation = load / f64::from(servers);
    (utilisation < 1.0).then(|| blocked / (1.0 - utilisation * (1.0 - blocked)))
}

/// The mean time in the line, in units of the mean service time: `C / (c − a)`.
///
/// `None` as for [`erlang_c`].
pub fn mean_wait(servers: u32, load: f64) -> Option<f64> {
    Some(erlang_c(servers, load)? / (f64::from(servers) - load))
}

/// The time in the line that a share `q` of all arrivals stays within, in units of the mean service time.
///
/// From `P(wait > t) = C·exp(−(c − a)·t)`: zero when no more than `1 − q` have to wait at all. `None` as for
/// [`erlang_c`], and when `q` is not below 1.
pub fn wait_quantile(servers: u32, load: f64, q: f64) -> Option<f64> {
    let waits = erlang_c(servers, load)?;
    let late = 1.0 - q;
    (late > 0.0).then(|| ((waits / late).ln() / (f64::from(servers) - load)).max(0.0))
}

/// The fewest servers for which a share `q` of the arrivals waits no longer than `target`, in units of the
/// mean service time; `None` when more than `most` would be needed.
pub fn servers_for_wait(load: f64, target: f64, q: f64, most: u32) -> Option<u32> {
    // More servers never make anybody wait longer, so the first that is enough is the fewest.
    (1..=most).find(|servers| wait_quantile(*servers, load, q).is_some_and(|wait| wait <= target))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// Servers, load, Erlang B, Erlang C and mean wait, computed in 40-digit arithmetic.
    const REFERENCE: [(u32, f64, f64, f64, f64); 8] = [
        (1, 0.8, 0.444_444_444_444, 0.8, 4.0),
        (2, 1.5, 0.310_344_827_586, 0.642_857_142_857, 1.285_714_285_71),
        (3, 2.0, 0.210_526_315_789, 0.444_444_444_444, 0.444_444_444_444),
        (10, 8.0, 0.121_661_064_253, 0.409_180_150_796, 0.204_590_075_398),
        (50, 45.0, 0.054_104_472_165, 0.363_864_467_207, 0.072_772_893_441),
        (100, 99.0, 0.070_028_074_780, 0.882_768_462_610, 0.882_768_462_610),
        (200, 190.0, 0.027_968_164_459, 0.365_263_856_563, 0.036_526_385_656),
        (1000, 970.0, 0.009_529_193_272, 0.242_823_336_180, 0.008_094_111_206),
    ];

    #[test]
    fn reference_values() {
        for (servers, load, b, c, wait) in REFERENCE {
            near(erlang_b(servers, load), b);
            near(erlang_c(servers, load), c);
            near(mean_wait(servers, load), wait);
        }
    }

    #[test]
    fn a_line_that_grows_without_end_has_no_wait() {
        assert_eq!(erlang_c(4, 4.0), None);
        assert_eq!(mean_wait(4, 5.0), None);
        assert_eq!(erlang_c(0, 0.0), None);
        assert_eq!(erlang_b(3, f64::NAN), None);
        assert_eq!(erlang_b(3, -1.0), None);
    }

    #[test]
    fn the_fewest_servers_for_a_target() {
        // One server at 80 %: P(wait > t) = 0.8·exp(−0.2·t), so 95 % wait at most 13.9 service times.
        near(wait_quantile(1, 0.8, 0.95), (0.8_f64 / 0.05).ln() / 0.2);
        assert_eq!(servers_for_wait(0.8, 13.9, 0.95, 100), Some(1));
        assert_eq!(servers_for_wait(0.8, 13.8, 0.95, 100), Some(2));
        assert_eq!(servers_for_wait(10.0, 0.0, 0.8, 100), Some(14)); // C ≤ 0.2
        assert_eq!(servers_for_wait(100.0, 0.0, 0.99, 200), Some(125)); // C ≤ 0.01
        assert_eq!(servers_for_wait(100.0, 0.0, 0.99, 100), None);
    }

    proptest! {
        #[test]
        fn more_servers_never_make_anybody_wait_longer(servers in 1..300_u32, share in 0.0..0.999) {
            let load = f64::from(servers) * share;
            let (few, many) = (mean_wait(servers, load).unwrap(), mean_wait(servers + 1, load).unwrap());
            prop_assert!(many <= few);
            prop_assert!((0.0..=1.0).contains(&erlang_c(servers, load).unwrap()));
        }

        #[test]
        fn a_longer_wait_is_a_rarer_one(servers in 1..100_u32, share in 0.1..0.99, q in 0.5..0.98) {
            let load = f64::from(servers) * share;
            prop_assert!(wait_quantile(servers, load, q).unwrap() <= wait_quantile(servers, load, q + 0.01).unwrap());
        }
    }
}
