//! The generator: commands at a program, from threads with a connection each.
//!
//! *Closed loop*: each connection sends its next command when the last is answered. That finds what
//! a program does at most. *Open loop*: commands are due at fixed times, whether anything was answered
//! or not, and a command's time runs from when it was due if its connection was still busy then, so
//! that a program that falls behind cannot hide it. If the connection was idle, its time runs from
//! when it was really sent: the lateness of this machine's timer is none of the program's doing.
//!
//! Every request has a body of its own and is signed when it is sent. One in fifty is sent a second
//! time, as Slack does after three seconds without an answer, and one in fifty is signed with a wrong
//! key: both are part of what a program has to do.

use crate::wire::{Answer, Author, whole};
use hdrhistogram::Histogram;
use hmac::Hmac;
use platform::lock::lock;
use sha2::Sha256;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Three times as long as Slack waits: what takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(9);

/// How often a command is sent twice, and how often one is forged.
const ONE_IN: u64 = 50;

/// How long a connection that was refused rests.
const REST: Duration = Duration::from_millis(5);

/// Where commands go, and what they say.
#[derive(Clone)]
pub(crate) struct Aim {
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
    pub(crate) author: Arc<Author>,
    pub(crate) text: &'static str,
    /// Whether an answer is the one that is hoped for.
    pub(crate) is_taken: fn(&Answer) -> bool,
}

/// Which requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Good ones only.
    Good,
    /// Good ones, and now and then one twice or forged.
    Mixed,
    /// Forged ones only.
    Forged,
}

/// When commands are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// As soon as the last is answered.
    Closed,
    /// So many a second, over all connections.
    Open(u32),
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Volley {
    /// Nanoseconds until a good command was acknowledged.
    pub(crate) good: Histogram<u64>,
    /// Nanoseconds until a forged one was refused.
    pub(crate) forged: Histogram<u64>,
    /// Answers that were not as they should be, and requests that got none.
    pub(crate) wrong: u64,
    /// How long all of it took.
    pub(crate) took: Duration,
    /// The numbers of the commands that were acknowledged, when they are wanted.
    pub(crate) acknowledged: Vec<u64>,
}

impl Volley {
    pub(crate) fn new() -> Self {
        let times = || Histogram::new_with_max(60_000_000_000, 3).expect("its bounds make sense");
        Self {
            good: times(),
            forged: times(),
            wrong: 0,
            took: Duration::ZERO,
            acknowledged: vec![],
        }
    }

    /// Puts two together, as if they had been one after the other.
    pub(crate) fn add(&mut self, other: &Self) {
        self.good.add(&other.good).expect("the same bounds");
        self.forged.add(&other.forged).expect("the same bounds");
        self.wrong += other.wrong;
        self.took += other.took;
        self.acknowledged.extend(&other.acknowledged);
    }

    /// Acknowledged commands a second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than would matter")]
    pub(crate) fn rate(&self) -> f64 {
        self.good.len() as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// Milliseconds within which this share of the good commands was acknowledged.
    #[expect(clippy::cast_precision_loss, reason = "less than a minute")]
    pub(crate) fn ms(&self, share: f64) -> f64 {
        self.good.value_at_quantile(share) as f64 / 1e6
    }
}

/// A volley that is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) mix: Mix,
    pub(crate) pace: Pace,
    pub(crate) connections: u32,
    pub(crate) length: Duration,
    /// Each command has its number behind its text, and those that were acknowledged are told.
    pub(crate) numbered: bool,
}

impl Order {
    pub(crate) fn closed(connections: u32, length: Duration) -> Self {
        Self { mix: Mix::Mixed, pace: Pace::Closed, connections, length, numbered: false }
    }

    pub(crate) fn open(rate: u32, length: Duration) -> Self {
        // A connection for every few milliseconds between a command and its answer.
        let connections = (rate / 25).clamp(8, 128);
        Self { mix: Mix::Mixed, pace: Pace::Open(rate), connections, length, numbered: false }
    }
}

/// Fires, and waits until everything was answered.
pub(crate) fn fire(aim: &Aim, order: Order) -> Volley {
    let begun = Instant::now() + Duration::from_millis(20);
    let all = Arc::new(Mutex::new(Volley::new()));
    let threads: Vec<_> = (0..order.connections)
        .map(|nth| {
            let (aim, all) = (aim.clone(), Arc::clone(&all));
            thread::spawn(move || {
                let volley = Gun::new(&aim).fire(order, nth, begun);
                lock(&all).add(&volley);
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("nobody panics");
    }
    let mut volley = lock(&all).clone();
    volley.took = begun.elapsed().max(order.length);
    volley
}

/// One command over a connection of its own; whether it was acknowledged.
pub(crate) fn once(aim: &Aim) -> bool {
    let mut gun = Gun::new(aim);
    let (_, body) = gun.body(false);
    let request = aim.author.sign(aim.path, &body, &aim.author.mac);
    gun.ask(&request).is_ok_and(|answer| (aim.is_taken)(&answer))
}

/// One connection.
struct Gun<'a> {
    aim: &'a Aim,
    wrong_key: Hmac<Sha256>,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl<'a> Gun<'a> {
    fn new(aim: &'a Aim) -> Self {
        let wrong_key = Author::key("not the secret");
        Self { aim, wrong_key, stream: None, read: Vec::with_capacity(4096) }
    }

    fn fire(&mut self, order: Order, nth: u32, begun: Instant) -> Volley {
        let mut volley = Volley::new();
        let timetable = Timetable::new(order, nth, begun);
        // Connected before the first is due.
        self.connect().ok();
        let mut last = None;
        let mut shot = u64::from(nth);
        for from in timetable {
            shot += 1;
            let turn = shot % ONE_IN;
            let mixed = order.mix == Mix::Mixed;
            let forged = order.mix == Mix::Forged || mixed && turn == 7;
            let (number, body) = match last.take() {
                Some(again) if mixed && turn == 31 => again,
                Some(_) | None => self.body(order.numbered),
            };
            let key = if forged { &self.wrong_key } else { &self.aim.author.mac };
            let request = self.aim.author.sign(self.aim.path, &body, key);
            let answer = self.ask(&request);
            let time = u64::try_from(from.elapsed().as_nanos()).unwrap_or(u64::MAX);
            match answer {
                Ok(answer) if forged && answer.status == 401 => {
                    volley.forged.saturating_record(time);
                }
                Ok(answer) if !forged && (self.aim.is_taken)(&answer) => {
                    volley.good.saturating_record(time);
                    if order.numbered {
                        volley.acknowledged.push(number);
                    }
                    last = Some((number, body));
                }
                Ok(_) => volley.wrong += 1,
                Err(_) => {
                    volley.wrong += 1;
                    self.stream = None;
                    thread::sleep(REST);
                }
            }
        }
        volley
    }

    fn body(&self, numbered: bool) -> (u64, String) {
        let author = &self.aim.author;
        let number = author.number();
        let body = if numbered {
            author.body(number, &format!("{} {number}", self.aim.text))
        } else {
            author.body(number, self.aim.text)
        };
        (number, body)
    }

    fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.connect()?;
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        stream.write_all(request)?;
        self.read.clear();
        let mut part = [0; 4096];
        loop {
            let length = stream.read(&mut part)?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend_from_slice(&part[..length]);
            if let Some(answer) = whole(&self.read) {
                return Ok(answer);
            }
        }
    }

    fn connect(&mut self) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.aim.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.stream = Some(stream);
        }
        Ok(())
    }
}

/// When one connection sends, and from when each command's time runs.
struct Timetable {
    /// When the next is due, and the gap behind it; `None` when it is due at once.
    next: Option<(Instant, Duration)>,
    end: Instant,
}

impl Timetable {
    fn new(order: Order, nth: u32, begun: Instant) -> Self {
        let next = match order.pace {
            Pace::Closed => None,
            Pace::Open(rate) => {
                let gap = Duration::from_secs_f64(1.0 / f64::from(rate.max(1)));
                Some((begun + gap * nth, gap * order.connections))
            }
        };
        Self { next, end: begun + order.length }
    }
}

impl Iterator for Timetable {
    type Item = Instant;

    fn next(&mut self) -> Option<Instant> {
        let Some((due, gap)) = &mut self.next else {
            let now = Instant::now();
            return (now < self.end).then_some(now);
        };
        let mut from = *due;
        *due += *gap;
        if from >= self.end {
            return None;
        }
        let early = from.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            thread::sleep(early);
            from = Instant::now();
        }
        Some(from)
    }
}
