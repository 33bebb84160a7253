//! Queues against values computed with 40 digits by sums that do not use the recursion.

use proptest::prelude::*;
use scale_advisor::capacity::queueing::{
    ClosedNetwork, Queue, WaitingTarget, smallest_servers, utilisation_limit,
};

use super::close;

/// Servers, offered load, Erlang B, Erlang C, mean wait, mean queue, probability to wait a service time.
type Row = (u32, f64, f64, f64, f64, f64, f64);

#[rustfmt::skip]
const ERLANG: [Row; 26] = [
    (1, 0.5, 0.3333333333333333, 0.5, 1.0, 0.5, 0.3032653298563167),
    (1, 0.8, 0.4444444444444444, 0.8, 4.0, 3.2, 0.6549846024623854),
    (1, 0.9, 0.47368421052631576, 0.9, 9.0, 8.1, 0.8143536762323637),
    (2, 1.0, 0.2, 0.3333333333333333, 0.3333333333333333, 0.3333333333333333, 0.12262648039048077),
    (2, 1.5, 0.3103448275862069, 0.6428571428571429, 1.2857142857142858, 1.9285714285714286, 0.3899125669581215),
    (2, 1.8, 0.3665158371040724, 0.8526315789473684, 4.2631578947368425, 7.673684210526316, 0.6980756947296477),
    (3, 2.0, 0.21052631578947367, 0.4444444444444444, 0.4444444444444444, 0.8888888888888888, 0.16350197385397436),
    (3, 2.7, 0.3087384123100089, 0.8170610211706102, 2.723536737235367, 7.3535491905354915, 0.6052936918919989),
    (4, 2.0, 0.09523809523809523, 0.17391304347826086, 0.08695652173913043, 0.17391304347826086, 0.02353657099767177),
    (4, 3.2, 0.2281449299579469, 0.5964324717874044, 0.7455405897342555, 2.3857298871496178, 0.2679943847141084),
    (4, 3.8, 0.29102436126761666, 0.8914189951776736, 4.457094975888368, 16.9369609083758, 0.7298321452298346),
    (5, 4.0, 0.19906687402799378, 0.5541125541125541, 0.5541125541125541, 2.2164502164502164, 0.203846616753007),
    (8, 6.0, 0.12187578366630444, 0.35698108587868027, 0.17849054293934014, 1.070943257636041, 0.048312136367504754),
    (8, 7.6, 0.21313105413272015, 0.844168630609684, 2.11042157652421, 16.039203981583995, 0.5658631553321259),
    (10, 8.0, 0.1216610642529515, 0.40918015079644354, 0.20459007539822177, 1.6367206031857742, 0.055376511602836576),
    (10, 9.5, 0.19137915830131796, 0.8255855781256987, 1.6511711562513973, 15.686125984388275, 0.5007429653498159),
    (16, 12.0, 0.06041259246256452, 0.20457385843573994, 0.051143464608934985, 0.6137215753072198, 0.0037469009171840393),
    (20, 18.0, 0.10921284587252247, 0.5507690048161176, 0.2753845024080588, 4.956921043345059, 0.07453847926473657),
    (32, 28.8, 0.07797458401301753, 0.45819662150674734, 0.14318644422085855, 4.123769593560726, 0.018677104148056296),
    (50, 45.0, 0.05410447216462617, 0.3638644672069884, 0.07277289344139767, 3.2747802048628953, 0.0024516994948911596),
    (64, 60.0, 0.06036273820423571, 0.5068662709757633, 0.12671656774394083, 7.60299406463645, 0.009283579584071368),
    (100, 90.0, 0.026957380464359214, 0.2169404809063664, 0.021694048090636638, 1.9524643281572973, 9.849082595788719e-06),
    (100, 99.0, 0.07002807478043335, 0.8827684626100845, 0.8827684626100845, 87.39407779839836, 0.32475236870877117),
    (200, 190.0, 0.027968164458745344, 0.3652638565625464, 0.03652638565625464, 6.940013274688382, 1.658295343271395e-05),
    (500, 480.0, 0.014325780722426129, 0.26651251996236414, 0.013325625998118207, 6.396300479096739, 5.493232459456553e-10),
    (1000, 970.0, 0.009529193271718585, 0.24282333618041158, 0.00809411120601372, 7.851287869833307, 2.2722492280122188e-14),
];

/// Servers, offered load, and the response times that 50%, 90%, 95% and 99% do not exceed.
const RESPONSE: [(u32, f64, [f64; 4]); 5] = [
    (1, 0.8, [3.4657359027997265, 11.512925464970229, 14.978661367769956, 23.025850929940457]),
    (2, 1.5, [1.6880679229042117, 5.072298870504174, 6.4765809989696415, 9.70950344178698]),
    (4, 3.2, [1.3461990538193103, 3.7759602497672087, 4.7380194960365944, 6.893203748883001]),
    (8, 7.6, [2.41005394295861, 6.596164590220038, 8.338023961174738, 12.366048566454962]),
    (10, 8.0, [0.9121446106069777, 2.6243200376070797, 3.328274678560123, 4.946111327611454]),
];

/// Users, throughput, response time, bounds of the throughput, lower bound of the response time; demands of 20,
/// 50 and 30 ms and a think time of 1 s.
#[rustfmt::skip]
const CLOSED: [(u32, f64, f64, f64, f64, f64); 9] = [
    (1, 0.9090909090909091, 0.1, 0.9090909090909091, 0.9090909090909091, 0.1),
    (2, 1.8124897017630581, 0.10345454545454545, 1.6666666666666667, 1.8181818181818181, 0.1),
    (5, 4.482801968017376, 0.1153738299555907, 3.3333333333333335, 4.545454545454546, 0.1),
    (10, 8.753538631497701, 0.1423951410938176, 5.0, 9.090909090909092, 0.1),
    (20, 15.975153810088962, 0.2519441275970178, 6.666666666666667, 18.181818181818183, 0.1),
    (22, 17.049184460048068, 0.2903843026364896, 6.875, 20.0, 0.1),
    (30, 19.534884703083446, 0.5357142085033503, 7.5, 20.0, 0.5),
    (40, 19.99047805033196, 1.0009526485203672, 8.0, 20.0, 1.0),
    (60, 19.999999565590432, 2.0000000651614367, 8.571428571428571, 20.0, 2.0),
];

#[test]
fn erlang_agrees_with_forty_digits() {
    for (servers, offered, lost, waits, wait, length, long) in ERLANG {
        let queue = Queue::new(servers, offered).unwrap();
        close(queue.blocking(), lost, 1e-10);
        close(queue.waiting_probability(), waits, 1e-10);
        close(queue.mean_wait().unwrap(), wait, 1e-10);
        close(queue.mean_queue().unwrap(), length, 1e-10);
        close(queue.waits_longer_than(1.0), long, 1e-10);
    }
}

#[test]
fn response_times_agree_with_forty_digits() {
    for (servers, offered, expected) in RESPONSE {
        let queue = Queue::new(servers, offered).unwrap();
        for (level, expected) in [0.5, 0.9, 0.95, 0.99].into_iter().zip(expected) {
            close(queue.response_quantile(level).unwrap(), expected, 1e-10);
        }
    }
}

#[test]
fn one_spare_server_is_no_division_by_zero() {
    let queue = Queue::new(2, 1.0).unwrap();
    let expected = (-3.0_f64).exp() * (1.0 + queue.waiting_probability() * 3.0);
    close(queue.takes_longer_than(3.0), expected, 1e-14);
    let beside = Queue::new(2, 1.0 - 1e-9).unwrap();
    close(beside.takes_longer_than(3.0), expected, 1e-7);
}

#[test]
fn the_smallest_number_of_servers_is_found() {
    for (offered, share, servers) in
        [(10.0, 0.2, 14), (10.0, 0.05, 17), (50.0, 0.2, 58), (100.0, 0.01, 125), (3.5, 0.1, 7)]
    {
        assert_eq!(smallest_servers(offered, WaitingTarget::Probability(share)), Some(servers));
    }
    assert_eq!(smallest_servers(0.5, WaitingTarget::MeanWait(1.0)), Some(1));
    assert_eq!(smallest_servers(0.51, WaitingTarget::MeanWait(1.0)), Some(2));
    assert_eq!(smallest_servers(0.0, WaitingTarget::Probability(0.1)), Some(1));
}

#[test]
fn nonsense_has_no_answer() {
    assert_eq!(smallest_servers(-1.0, WaitingTarget::Probability(0.1)), None);
    assert_eq!(smallest_servers(f64::NAN, WaitingTarget::Probability(0.1)), None);
    assert_eq!(smallest_servers(1.0, WaitingTarget::Probability(0.0)), None);
    assert_eq!(Queue::new(0, 1.0), None);
    assert_eq!(Queue::new(1, f64::INFINITY), None);
    let overloaded = Queue::new(4, 4.0).unwrap();
    assert_eq!((overloaded.mean_wait(), overloaded.response_quantile(0.5)), (None, None));
    close(overloaded.waiting_probability(), 1.0, 0.0);
    assert_eq!(utilisation_limit(0, 1.0), None);
    assert_eq!(utilisation_limit(1, 0.0), None);
}

#[test]
fn many_cores_may_be_busier_than_one() {
    for (cores, expected) in
        [(1, 0.5), (2, 0.5_f64.sqrt()), (4, 0.8349), (8, 0.9092), (16, 0.9510), (32, 0.9740), (50, 0.9828)]
    {
        let limit = utilisation_limit(cores, 1.0).unwrap();
        assert!((limit - expected).abs() < 5e-5, "{cores} cores: {limit}");
    }
}

#[test]
fn a_closed_network_agrees_with_forty_digits() {
    let network = ClosedNetwork::new(&[0.02, 0.05, 0.03], 1.0).unwrap();
    close(network.knee(), 22.0, 1e-12);
    close(network.highest_throughput(), 20.0, 1e-12);
    for (users, throughput, response, low, high, shortest) in CLOSED {
        let load = network.solve(users);
        close(load.throughput, throughput, 1e-10);
        close(load.response, response, 1e-10);
        let bounds = network.throughput_bounds(users);
        close(bounds.low, low, 1e-10);
        close(bounds.high, high, 1e-10);
        close(network.shortest_response(users), shortest, 1e-10);
    }
}

proptest! {
    #[test]
    fn quantiles_rise_with_the_level_and_give_it_back(servers in 1u32..200, busy in 0.05f64..0.98) {
        let queue = Queue::new(servers, busy * f64::from(servers)).unwrap();
        let mut before = 0.0;
        for level in [0.1, 0.5, 0.9, 0.99, 0.999] {
            let response = queue.response_quantile(level).unwrap();
            prop_assert!(response > before);
            prop_assert!((queue.takes_longer_than(response) - (1.0 - level)).abs() < 1e-9);
            let wait = queue.waiting_quantile(level).unwrap();
            prop_assert!(wait <= response);
            before = response;
        }
    }

    #[test]
    fn a_further_server_never_makes_waiting_longer(servers in 1u32..300, busy in 0.05f64..0.99) {
        let offered = busy * f64::from(servers);
        let [few, more] = [servers, servers + 1].map(|servers| Queue::new(servers, offered).unwrap());
        prop_assert!(more.waiting_probability() <= few.waiting_probability());
        prop_assert!(more.mean_wait() <= few.mean_wait());
    }

    #[test]
    fn the_smallest_number_meets_its_target_and_one_less_does_not(offered in 0.0f64..500.0, share in 0.001f64..1.0) {
        let servers = smallest_servers(offered, WaitingTarget::Probability(share)).unwrap();
        prop_assert!(Queue::new(servers, offered).unwrap().waiting_probability() <= share);
        let fewer = servers.checked_sub(1).and_then(|servers| Queue::new(servers, offered));
        prop_assert!(fewer.is_none_or(|queue| queue.waiting_probability() > share || queue.mean_wait().is_none()));
    }

    #[test]
    fn a_network_stays_within_its_bounds(demands in prop::collection::vec(0.001f64..1.0, 1..6), think in 0.0f64..10.0, users in 1u32..200) {
        let network = ClosedNetwork::new(&demands, think).unwrap();
        let (load, bounds) = (network.solve(users), network.throughput_bounds(users));
        prop_assert!(bounds.low <= load.throughput * (1.0 + 1e-12) && load.throughput <= bounds.high * (1.0 + 1e-12));
        prop_assert!(load.response * (1.0 + 1e-12) >= network.shortest_response(users));
    }
}
