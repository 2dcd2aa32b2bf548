//! The conformance suite: what every connector must do, whatever it speaks.
//!
//! A connector implements [`ConformanceFixture`] over its simulator in
//! `tests/conformance.rs` and stamps the suite out with
//! [`connector_conformance!`](crate::connector_conformance):
//!
//! ```ignore
//! struct Fixture { sim: Simulator }
//! impl ConformanceFixture for Fixture { /* ... */ }
//! trunkline_connector::connector_conformance!(Fixture);
//! ```
//!
//! Each case starts a simulator of its own and runs in real time over loopback.
//! Every case also fails when one of the fixture's secrets appears in a log line.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in tests a panic is the message")]

pub mod cases;
pub mod conversations;
mod log;
mod seat;
pub mod teams;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use trunkline_model::ContactId;

use crate::ports::{AccountVault, Centrifugo, Http, LoginWindow, MediaPort, WallClock, WebSocketDial};
use crate::{AccountSettings, Registration};

pub use log::LogLines;
pub use seat::{Picture, Seated};

/// One of the two agents every fixture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seat {
    /// The agent of most cases.
    One,
    /// Signed in at the same time in some.
    Two,
}

/// What a connector gets from outside. The HTTP client must be fresh each time,
/// the vault the same for a seat throughout.
pub struct Ports {
    /// HTTP with a cookie jar of its own.
    pub http: Arc<dyn Http>,
    /// WebSocket dialling.
    pub websocket: Arc<dyn WebSocketDial>,
    /// Links to Centrifugo servers.
    pub centrifugo: Arc<dyn Centrifugo>,
    /// Secrets of the seat.
    pub vault: Arc<dyn AccountVault>,
    /// Media, real or not.
    pub media: Arc<dyn MediaPort>,
    /// Login window.
    pub login: Arc<dyn LoginWindow>,
    /// Wall clock.
    pub clock: Arc<dyn WallClock>,
}

/// Which credentials the vault is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// The platform accepts them.
    Right,
    /// It does not.
    Wrong,
}

/// What the platform knows of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformView {
    /// The agent's accept arrived.
    pub accepted: bool,
    /// The agent's refusal arrived.
    pub rejected: bool,
    /// The agent hung up.
    pub ended_by_agent: bool,
    /// Times the customer was put on hold.
    pub holds: usize,
    /// Times the customer was taken off hold.
    pub resumes: usize,
    /// Touch tones received.
    pub digits: String,
    /// After-contact work was ended.
    pub cleared: bool,
    /// What the agent wrote of problems with it, in order.
    pub issues: Vec<String>,
}

/// One thing that the agent wrote, as the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The token that came with it.
    pub token: Option<String>,
    /// The text; the name of a file.
    pub text: String,
}

/// A connector's simulator, as the suite needs it. Where a platform has no such
/// fault, the default does nothing and the case shows that nothing happens.
pub trait ConformanceFixture: Sized + 'static {
    /// Starts a simulator with two agents who are available.
    fn start() -> impl Future<Output = Self>;
    /// The connector under test.
    fn registration() -> Registration;
    /// Settings of a seat's account; time-outs may be shortened.
    fn settings(&self, seat: Seat) -> AccountSettings;
    /// The agent becomes available, where that does not follow from signing in.
    fn make_available(&self, seat: Seat) -> impl Future<Output = ()> {
        let _ = seat;
        async {}
    }
    /// What the connector gets from outside.
    fn ports(&self, seat: Seat) -> Ports;
    /// Puts credentials into the seat's vault.
    fn put_credentials(&self, seat: Seat, which: Credentials) -> impl Future<Output = ()>;
    /// Texts that must not be in any log line.
    fn secrets(&self, seat: Seat) -> Vec<String>;
    /// Name of a state that the agent can choose and in which no contact comes.
    fn break_state(&self) -> &'static str {
        panic!("agent states are named as a capability, so the fixture must name one")
    }
    /// Name of the agent's present state at the platform.
    fn state_at_platform(&self, seat: Seat) -> String {
        panic!("agent states are named as a capability, so the fixture must know that of {seat:?}")
    }

    /// A customer calls; `even_when_busy` also when the agent is on a contact.
    fn offer(&self, seat: Seat, even_when_busy: bool) -> impl Future<Output = ContactId> {
        let _ = even_when_busy;
        async move { panic!("offers are named as a capability, so the fixture must make one to {seat:?}") }
    }
    /// A customer calls and the platform's ring time is over after this.
    fn offer_that_rings(&self, seat: Seat, ring: Duration) -> impl Future<Output = ContactId> {
        let _ = ring;
        async move { panic!("offers are named as a capability, so the fixture must make one to {seat:?}") }
    }
    /// The customer hangs up.
    fn customer_leaves(&self, contact: &ContactId) -> impl Future<Output = ()> {
        let contact = contact.clone();
        async move { panic!("offers are named as a capability, so the fixture must end {contact}") }
    }
    /// What has arrived at the platform.
    fn view(&self, contact: &ContactId) -> PlatformView {
        panic!("offers are named as a capability, so the fixture must know of {contact}")
    }

    /// Something happens that the platform tells as an event; gives its id.
    fn happens(&self, seat: Seat) -> String {
        panic!("events are named as a capability, so the fixture must make one for {seat:?}")
    }
    /// The platform tells an event of that id once more.
    fn happens_again(&self, seat: Seat, id: &str) {
        let _ = (seat, id);
    }
    /// Somebody comes online on one more device; gives its reference.
    fn comes_online(&self, name: &str) -> String {
        panic!("the roster is named as a capability, so the fixture must have {name} come online")
    }
    /// That device goes.
    fn goes_offline(&self, name: &str, reference: &str) {
        let _ = (name, reference);
    }

    /// A number at which somebody answers within a few seconds.
    fn number(&self) -> String {
        "+12025550188".to_owned()
    }
    /// Outbound calls that the platform was asked to make for this seat.
    fn calls_made(&self, seat: Seat) -> usize {
        let _ = seat;
        0
    }
    /// Third parties that the platform was asked to call to a contact.
    fn parties_called(&self, contact: &ContactId) -> usize {
        let _ = contact;
        0
    }
    /// After the agent has left: customer and third party talk with each other.
    fn others_talk(&self, contact: &ContactId) -> bool {
        let _ = contact;
        false
    }
    /// Name of the directory's entry that leads to the agent of [`Seat::Two`].
    fn colleague(&self) -> Option<&'static str> {
        None
    }
    /// Gives the platform a directory of that many telephone numbers, and gives
    /// their names. Its pages hold fewer, so that there are several.
    fn fill_directory(&self, entries: usize) -> Vec<String> {
        let _ = entries;
        Vec::new()
    }
    /// The directory comes in pages, so that one of them can fail.
    fn directory_has_pages(&self) -> bool {
        true
    }
    /// The second page of the directory cannot be read, once.
    fn fail_directory(&self) {}

    /// A customer begins a conversation and has said this already.
    fn offer_chat(&self, seat: Seat, first_words: &str) -> impl Future<Output = ContactId> {
        let _ = (seat, first_words);
        async { panic!("messages are named as a capability, so the fixture must offer a chat") }
    }
    /// The customer of a conversation says something.
    fn customer_writes(&self, contact: &ContactId, text: &str) {
        let _ = (contact, text);
    }
    /// The customer ends the conversation.
    fn customer_leaves_chat(&self, contact: &ContactId) {
        let _ = contact;
    }
    /// What the agent wrote, in the order in which the platform got it.
    fn written(&self, contact: &ContactId) -> Vec<Written> {
        let _ = contact;
        Vec::new()
    }
    /// The platform keeps the token of a message, so that sent twice it is one.
    fn takes_tokens(&self) -> bool {
        true
    }
    /// Taking an offer is told to the platform.
    fn hears_accepting(&self) -> bool {
        true
    }
    /// The platform takes the next message, and its answer is lost.
    fn lose_next_answer(&self) {}
    /// The platform fails at that many of the next messages.
    fn fail_messages(&self, times: usize) {
        let _ = times;
    }
    /// The token of conversations is over; a new one can be had.
    fn expire_conversation_token(&self) {}
    /// The customer sends a file; gives its id.
    fn customer_sends_file(&self, contact: &ContactId, name: &str, bytes: Vec<u8>) -> String {
        let _ = (contact, name, bytes);
        String::new()
    }
    /// A file of the agent's as the platform has it.
    fn file_at_platform(&self, contact: &ContactId, name: &str) -> Option<Vec<u8>> {
        let _ = (contact, name);
        None
    }

    /// Somebody waits in a list that the first agent can subscribe to; gives the
    /// list's name and the contact that it becomes.
    fn work_waits(&self) -> (String, ContactId) {
        panic!("lists of work are named as a capability, so the fixture must have one")
    }

    /// The next change of state is refused as not possible.
    fn refuse_next_state_change(&self) {
        panic!("agent states are named as a capability, so the fixture must refuse one")
    }
    /// The token is over; a new one can be had without the agent.
    fn expire_token(&self);
    /// The session is over: token and renewal.
    fn end_session(&self);
    /// All sockets break.
    fn drop_sockets(&self) {}
    /// The server is away for that long and comes back with its state.
    fn restart(&self, down: Duration) -> impl Future<Output = ()>;
    /// Everything takes that much longer.
    fn slow_down(&self, delay: Duration);
    /// Takes connections and answers nothing while set.
    fn silence(&self, silent: bool);
    /// While set, each event arrives twice.
    fn duplicate_events(&self, duplicate: bool);
    /// Events of things that are over or never were.
    fn stale_events(&self) {}
    /// An event, member or value that no connector can know.
    fn unknown_event(&self, seat: Seat);
    /// A frame beyond every limit.
    fn oversized_frame(&self);
    /// The platform's clock is that many seconds ahead.
    fn skew_clock(&self, seconds: f64);
}

/// Runs one case on a runtime of its own. The runtime has one thread, so that
/// the log lines of all its tasks are caught.
pub fn run<C: Future<Output = ()>>(case: impl FnOnce(LogLines) -> C) {
    let log = LogLines::default();
    let _guard = log.install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(case(log.clone()));
    log.assert_no_secret();
}

/// Stamps out the suite for a fixture: one test a case.
#[macro_export]
macro_rules! connector_conformance {
    ($fixture:ty) => {
        $crate::connector_conformance!(@cases $fixture;
            capabilities_stand_on_each_other,
            logs_in,
            wrong_credentials_ask_for_sign_in,
            sign_in_after_wrong_credentials,
            token_is_renewed_without_the_agent,
            forced_log_out_asks_for_sign_in,
            state_change_accepted,
            state_change_refused,
            next_state_is_queued,
            offer_accepted_and_ended_by_the_agent,
            offer_accepted_and_ended_by_the_customer,
            offer_missed,
            offer_rejected,
            customer_leaves_while_ringing,
            wrap_up_lasts_until_cleared,
            problem_is_reported_during_a_contact_and_after_it,
            second_contact_while_busy,
            two_accounts_at_once,
            hold_and_resume,
            digits_arrive,
            dialled_call_answered_and_ended,
            nonsense_is_not_dialled,
            directory_is_read_to_its_end,
            directory_in_part_says_so,
            third_party_consulted_joined_and_left_to_the_customer,
            third_party_dropped,
            third_party_is_called_once,
            third_party_left_to_while_it_rings,
            colleague_is_consulted_and_takes_over,
            socket_dropped_while_idle,
            socket_dropped_while_ringing,
            socket_dropped_while_connected,
            server_restarts,
            resync_equals_the_picture_before,
            duplicate_and_stale_events,
            unknown_events,
            oversized_frame,
            slow_server,
            clock_skew,
            command_deadline,
            repeated_command_is_carried_out_once,
            command_for_a_contact_that_is_gone,
            platform_event_is_told_once_to_whom_it_is_for,
            platform_events_are_not_lost_in_a_flood,
            roster_follows_who_comes_and_goes,
            prompt_cancellation,
            sign_out,
        );
        $crate::connector_conformance!(@conversations $fixture;
            conversation_is_joined_read_and_left,
            message_is_sent_once_and_shown_once,
            messages_stay_in_order_over_lost_sockets,
            lost_answer_is_still_one_message,
            failing_platform_does_not_change_the_order,
            message_is_sent_again_after_a_restart,
            conversation_token_is_renewed_without_the_agent,
            files_go_both_ways,
        );
        $crate::connector_conformance!(@teams $fixture;
            words_kept_ready_are_read,
            customer_is_read_and_found,
            work_is_taken_from_a_list,
            finished_contacts_are_found_and_read,
        );
    };
    (@teams $fixture:ty; $($case:ident),+ $(,)?) => {
        $(
            #[test]
            fn $case() {
                $crate::testing::run($crate::testing::teams::$case::<$fixture>);
            }
        )+
    };
    (@conversations $fixture:ty; $($case:ident),+ $(,)?) => {
        $(
            #[test]
            fn $case() {
                $crate::testing::run($crate::testing::conversations::$case::<$fixture>);
            }
        )+
    };
    (@cases $fixture:ty; $($case:ident),+ $(,)?) => {
        $(
            #[test]
            fn $case() {
                $crate::testing::run($crate::testing::cases::$case::<$fixture>);
            }
        )+
    };
}
