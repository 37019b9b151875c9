//! The machine: what it orders when.

use jiff::{SignedDuration, Timestamp};
use jules_slack::socket::frame::Reason;
use jules_slack::socket::supervisor::{
    ConnectionCommand, Id, RETIRING, STEADY, Supervisor, SupervisorEvent, back_off,
};
use proptest::prelude::*;

/// A machine, its clock, and dice that always show the same.
struct Machine {
    plan: Supervisor,
    now: Timestamp,
    roll: f64,
}

impl Machine {
    /// One slot, whose connection 1 is being opened.
    fn opening() -> Self {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let mut machine = Self { plan: Supervisor::new(1), now, roll: 0.5 };
        assert_eq!(machine.tell(SupervisorEvent::Start), [ConnectionCommand::Open(Id(1))]);
        machine
    }

    /// One slot, whose connection 1 stands.
    fn standing() -> Self {
        let mut machine = Self::opening();
        assert_eq!(machine.tell(SupervisorEvent::Hello(Id(1))), []);
        assert_eq!(machine.plan.standing(), 1);
        machine
    }

    /// The same, and has stood for long; it was heard of just now.
    fn steady() -> Self {
        let mut machine = Self::standing();
        machine.now += STEADY;
        machine.tell(SupervisorEvent::Heard(Id(1)));
        machine
    }

    fn tell(&mut self, happened: SupervisorEvent) -> Vec<ConnectionCommand> {
        let roll = self.roll;
        self.plan.next(happened, self.now, &|| roll)
    }

    /// Lets seconds pass, one by one; gives each order with the second it came in.
    fn pass(&mut self, seconds: u32) -> Vec<(u32, ConnectionCommand)> {
        let mut all = Vec::new();
        for second in 1..=seconds {
            self.now += SignedDuration::from_secs(1);
            all.extend(self.tell(SupervisorEvent::Beat).into_iter().map(|order| (second, order)));
        }
        all
    }
}

#[test]
fn two_connections_are_opened_at_once() {
    let mut plan = Supervisor::new(2);
    let orders = plan.next(SupervisorEvent::Start, Timestamp::UNIX_EPOCH, &|| 0.5);
    assert_eq!(orders, [ConnectionCommand::Open(Id(1)), ConnectionCommand::Open(Id(2))]);
    assert_eq!(plan.standing(), 0);
}

#[test]
fn the_successor_says_hello_before_the_predecessor_is_retired() {
    let mut machine = Machine::steady();
    let warned = machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::Refresh));
    assert_eq!(warned, [ConnectionCommand::Open(Id(2))], "nothing is done to the old one");
    assert_eq!(machine.plan.standing(), 1);
    let again = machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::Refresh));
    assert_eq!(again, [], "a second warning is none");
    assert_eq!(machine.tell(SupervisorEvent::Hello(Id(2))), [ConnectionCommand::Retire(Id(1))]);
    assert_eq!(machine.tell(SupervisorEvent::Ended(Id(1), None)), []);
    assert_eq!(machine.pass(5), [], "its end is no failure");
    assert_eq!(machine.plan.standing(), 1);
}

#[test]
fn a_predecessor_that_does_not_end_is_let_go() {
    let mut machine = Machine::steady();
    machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::Refresh));
    machine.tell(SupervisorEvent::Hello(Id(2)));
    let orders = machine.pass(u32::try_from(RETIRING.as_secs()).expect("short"));
    assert_eq!(orders, [(10, ConnectionCommand::Abandon(Id(1)))]);
}

#[test]
fn a_successor_that_fails_is_tried_again_while_the_predecessor_stands() {
    let mut machine = Machine::steady();
    machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::Refresh));
    assert_eq!(machine.tell(SupervisorEvent::Ended(Id(2), None)), []);
    assert_eq!(machine.plan.standing(), 1);
    assert_eq!(machine.pass(2), [(2, ConnectionCommand::Open(Id(3)))]);
    assert_eq!(machine.tell(SupervisorEvent::Hello(Id(3))), [ConnectionCommand::Retire(Id(1))]);
}

#[test]
fn a_connection_that_is_renewed_as_soon_as_it_stands_is_not_renewed_in_a_circle() {
    let mut machine = Machine::standing();
    let mut opened = 1;
    for _ in 0..600 {
        machine.tell(SupervisorEvent::Disconnect(Id(opened), Reason::Refresh));
        for (_, order) in machine.pass(1) {
            if let ConnectionCommand::Open(id) = order {
                opened = id.0;
                machine.tell(SupervisorEvent::Hello(id));
            }
        }
    }
    assert!((12..=20).contains(&opened), "in ten minutes it was opened {opened} times");
}

#[test]
fn silence_is_asked_about_and_then_taken_for_death_within_75_seconds() {
    let mut machine = Machine::standing();
    let orders = machine.pass(75);
    assert_eq!(
        orders,
        [
            (20, ConnectionCommand::Ping(Id(1))),
            (40, ConnectionCommand::Ping(Id(1))),
            (60, ConnectionCommand::Abandon(Id(1))),
            (62, ConnectionCommand::Open(Id(2))),
        ]
    );
}

#[test]
fn whoever_answers_lives() {
    let mut machine = Machine::standing();
    for _ in 0..100 {
        assert_eq!(machine.pass(20), [(20, ConnectionCommand::Ping(Id(1)))]);
        assert_eq!(machine.tell(SupervisorEvent::Heard(Id(1))), []);
    }
    assert_eq!(machine.plan.standing(), 1);
}

#[test]
fn an_opening_that_takes_too_long_is_given_up_and_tried_again() {
    let mut machine = Machine::opening();
    let orders = machine.pass(40);
    assert_eq!(
        orders,
        [(30, ConnectionCommand::Abandon(Id(1))), (32, ConnectionCommand::Open(Id(2)))]
    );
    assert_eq!(machine.tell(SupervisorEvent::Hello(Id(1))), [], "too late");
    assert_eq!(machine.plan.standing(), 0);
}

#[test]
fn rests_grow_and_are_forgotten_when_a_connection_stood_for_long() {
    let mut machine = Machine::opening();
    let mut rests = Vec::new();
    for id in 1..=8 {
        machine.tell(SupervisorEvent::Ended(Id(id), None));
        let rest = (1..).find(|_| {
            machine.pass(1).iter().any(|(_, order)| *order != ConnectionCommand::Ping(Id(id)))
        });
        rests.extend(rest);
    }
    assert_eq!(rests, [2, 3, 6, 12, 24, 45, 45, 45], "three quarters of 2, 4, 8, … 60");
    machine.tell(SupervisorEvent::Hello(Id(9)));
    machine.now += STEADY;
    machine.tell(SupervisorEvent::Ended(Id(9), None));
    assert_eq!(machine.pass(2), [(2, ConnectionCommand::Open(Id(10)))]);
}

#[test]
fn a_connection_that_ends_as_soon_as_it_stands_is_a_failure_like_any_other() {
    let mut machine = Machine::opening();
    for (id, rest) in [(1, 2), (2, 3), (3, 6)] {
        machine.tell(SupervisorEvent::Hello(Id(id)));
        machine.tell(SupervisorEvent::Ended(Id(id), None));
        assert_eq!(machine.pass(rest), [(rest, ConnectionCommand::Open(Id(id + 1)))]);
    }
}

#[test]
fn slack_may_ask_for_a_longer_rest() {
    let mut machine = Machine::opening();
    machine.tell(SupervisorEvent::Ended(Id(1), Some(SignedDuration::from_secs(30))));
    assert_eq!(machine.pass(30), [(30, ConnectionCommand::Open(Id(2)))]);
}

#[test]
fn when_there_are_too_many_this_one_goes_before_another_comes() {
    let mut machine = Machine::steady();
    let told = machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::TooMany));
    assert_eq!(told, [ConnectionCommand::Close(Id(1))]);
    machine.tell(SupervisorEvent::Ended(Id(1), None));
    assert_eq!(machine.pass(2), [(2, ConnectionCommand::Open(Id(2)))]);
}

#[test]
fn switched_off_is_the_end() {
    let mut machine = Machine::steady();
    machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::Refresh));
    let orders = machine.tell(SupervisorEvent::Disconnect(Id(1), Reason::SwitchedOff));
    assert_eq!(orders, [ConnectionCommand::Close(Id(1)), ConnectionCommand::Close(Id(2))]);
    assert!(machine.plan.is_switched_off() && !machine.plan.is_over());
    machine.tell(SupervisorEvent::Ended(Id(1), None));
    machine.tell(SupervisorEvent::Ended(Id(2), None));
    assert!(machine.plan.is_over());
    assert_eq!(machine.pass(300), []);
}

#[test]
fn a_stop_closes_what_stands_and_what_is_being_opened() {
    let mut machine = Machine::steady();
    assert_eq!(machine.tell(SupervisorEvent::Stop), [ConnectionCommand::Close(Id(1))]);
    assert!(!machine.plan.is_over(), "it waits for the close");
    machine.tell(SupervisorEvent::Ended(Id(1), None));
    assert!(machine.plan.is_over());
    let mut opening = Machine::opening();
    assert_eq!(opening.tell(SupervisorEvent::Stop), [ConnectionCommand::Close(Id(1))]);
}

#[test]
fn a_clock_that_is_set_back_makes_no_wait_longer() {
    let mut machine = Machine::standing();
    machine.now -= SignedDuration::from_hours(10);
    assert_eq!(machine.pass(62).last(), Some(&(61, ConnectionCommand::Abandon(Id(1)))));
}

#[test]
fn nor_a_rest_that_began_before() {
    let mut machine = Machine::opening();
    machine.now += SignedDuration::from_hours(1);
    machine.tell(SupervisorEvent::Ended(Id(1), None));
    machine.now -= SignedDuration::from_hours(1);
    let opened = machine.pass(10).into_iter().map(|(_, order)| order).next();
    assert_eq!(opened, Some(ConnectionCommand::Open(Id(2))));
}

proptest! {
    #[test]
    fn a_rest_is_between_a_second_and_a_minute(failures in 0_u32.., roll in 0.0..=1.0) {
        let rest = back_off(failures, roll);
        prop_assert!(rest >= SignedDuration::from_secs(1), "{rest}");
        prop_assert!(rest <= SignedDuration::from_secs(60), "{rest}");
    }

    #[test]
    fn dice_spread_a_rest_and_another_failure_lengthens_it(failures in 1_u32..6, roll in 0.0..=1.0) {
        prop_assert!(back_off(failures, 0.0) < back_off(failures, 1.0));
        prop_assert!(back_off(failures, roll) <= back_off(failures + 1, roll));
    }

    /// Whatever happens, each slot has one connection or is about to, and no name comes twice.
    #[test]
    fn it_never_rests_for_ever(happenings in prop::collection::vec(happening(), 0..200)) {
        let mut machine = Machine { plan: Supervisor::new(2), ..Machine::opening() };
        let mut opened: Vec<u64> = Vec::new();
        let mut orders = machine.tell(SupervisorEvent::Start);
        for (happened, seconds) in happenings {
            machine.now += SignedDuration::from_secs(seconds);
            orders.extend(machine.tell(happened));
        }
        opened.extend(orders.iter().filter_map(|order| match order {
            ConnectionCommand::Open(id) => Some(id.0),
            ConnectionCommand::Ping(_) | ConnectionCommand::Retire(_) | ConnectionCommand::Close(_) | ConnectionCommand::Abandon(_) => None,
        }));
        let names: Vec<u64> = (1..=opened.len() as u64).collect();
        prop_assert_eq!(&opened, &names);
        // From here on every connection that is opened says hello, and answers.
        let mut pending: Vec<Id> = opened.into_iter().map(Id).collect();
        for _ in 0..200 {
            for id in pending.drain(..) {
                machine.tell(SupervisorEvent::Hello(id));
            }
            for (_, order) in machine.pass(1) {
                match order {
                    ConnectionCommand::Open(id) => pending.push(id),
                    ConnectionCommand::Ping(id) => drop(machine.tell(SupervisorEvent::Heard(id))),
                    ConnectionCommand::Retire(id) | ConnectionCommand::Close(id) | ConnectionCommand::Abandon(id) => {
                        drop(machine.tell(SupervisorEvent::Ended(id, None)));
                    }
                }
            }
        }
        prop_assert_eq!(machine.plan.standing(), 2);
    }
}

/// Anything but an end, about any connection, and how long after the last.
fn happening() -> impl Strategy<Value = (SupervisorEvent, i64)> {
    let id = || (1_u64..20).prop_map(Id);
    let happened = prop_oneof![
        id().prop_map(SupervisorEvent::Hello),
        id().prop_map(SupervisorEvent::Heard),
        id().prop_map(|id| SupervisorEvent::Disconnect(id, Reason::Refresh)),
        id().prop_map(|id| SupervisorEvent::Disconnect(id, Reason::TooMany)),
        id().prop_map(|id| SupervisorEvent::Ended(id, None)),
        Just(SupervisorEvent::Beat),
    ];
    (happened, 0_i64..90)
}
