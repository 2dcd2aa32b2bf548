//! The cases. Each is a function over a fixture, so that a failure names the
//! case and the platform.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use trunkline_model::{
    AgentStateId, AgentStateKind, CommandId, Connection, ConnectionAction, ConnectionKind, ConnectionState, Contact,
    ContactAction, ContactId, ContactState, Direction, Endpoint, EndpointKind, IssueKind, LinkState, Outcome,
    PlatformEventId,
};

use super::{ConformanceFixture, Credentials, LogLines, Seat, Seated};
use crate::{Capability, Command, CommandCode, Ended, Target};

pub(super) fn can<F: ConformanceFixture>(capability: Capability) -> bool {
    (F::registration().descriptor)().capabilities.contains(&capability)
}

pub(super) async fn online<F: ConformanceFixture>(fixture: &F, seat: Seat, log: &LogLines) -> Seated {
    fixture.put_credentials(seat, Credentials::Right).await;
    let mut seated = Seated::sit(fixture, seat, log);
    seated.until_link(LinkState::Online).await;
    fixture.make_available(seat).await;
    if can::<F>(Capability::AgentState) {
        let routable = |agent: &trunkline_model::Agent| {
            agent.state.kind == AgentStateKind::Routable
                && (agent.media.is_empty() || agent.media.iter().any(trunkline_model::MediaDomain::is_on))
        };
        seated.until("the agent to be available", |picture| picture.agent.as_ref().is_some_and(routable)).await;
    }
    seated
}

async fn ringing<F: ConformanceFixture>(fixture: &F, seated: &mut Seated, seat: Seat) -> ContactId {
    let contact = fixture.offer(seat, false).await;
    seated.until_contact(&contact, ContactState::Offered).await;
    contact
}

pub(super) async fn connected<F: ConformanceFixture>(fixture: &F, seated: &mut Seated, seat: Seat) -> ContactId {
    let contact = ringing(fixture, seated, seat).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting an offer that rings");
    seated.until_contact(&contact, ContactState::Connected).await;
    contact
}

/// As much at work as the platform lets one be: on a contact where it offers any.
async fn at_work<F: ConformanceFixture>(fixture: &F, seated: &mut Seated, seat: Seat) -> Option<ContactId> {
    if can::<F>(Capability::Offers) { Some(connected(fixture, seated, seat).await) } else { None }
}

/// Something new comes from the platform and arrives.
async fn something_arrives<F: ConformanceFixture>(fixture: &F, seated: &mut Seated, seat: Seat) {
    if can::<F>(Capability::Offers) {
        ringing(fixture, seated, seat).await;
    } else {
        event_arrives(fixture, seated, seat).await;
    }
}

async fn event_arrives<F: ConformanceFixture>(fixture: &F, seated: &mut Seated, seat: Seat) -> PlatformEventId {
    let id = PlatformEventId::new(fixture.happens(seat));
    seated.until("the event", |picture| picture.platform_events.iter().any(|event| event.id == id)).await;
    id
}

fn choice(seated: &Seated, name: &str) -> AgentStateId {
    let agent = seated.picture.agent.as_ref().expect("the agent is known");
    let state = agent.selectable_states.iter().find(|state| state.name == name);
    state.and_then(|state| state.id.clone()).unwrap_or_else(|| panic!("no state {name} to choose"))
}

fn hang_up(contact: &ContactId) -> Command {
    Command::Disconnect { contact: contact.clone(), connection: None }
}

fn outcome(seated: &Seated, contact: &ContactId) -> Option<Outcome> {
    match seated.picture.contacts.get(contact) {
        Some(contact) => contact.outcome,
        None => seated.picture.gone.get(contact).copied().flatten(),
    }
}

/// Over, however the platform shows it: finished or gone.
async fn until_over(seated: &mut Seated, contact: &ContactId) {
    seated
        .until("the contact to be over", |picture| match picture.contacts.get(contact) {
            Some(contact) => contact.state.is_finished(),
            None => picture.gone.contains_key(contact),
        })
        .await;
}

/// What a connector says that it can do decides what it has to show: nobody gets
/// around a chapter by leaving out what another capability stands on.
pub async fn capabilities_stand_on_each_other<F: ConformanceFixture>(log: LogLines) {
    use Capability::{AgentState, Attachments, Offers, PlatformEvents};
    assert!(can::<F>(Offers) || can::<F>(PlatformEvents), "it brings the agent something");
    let descriptor = (F::registration().descriptor)();
    for capability in descriptor.capabilities {
        let needed = match capability {
            Capability::NextState => AgentState,
            Capability::Attachments => Capability::Messages,
            Capability::TaskTemplates => Capability::CreateTask,
            Capability::Supervision => Capability::Monitoring,
            Capability::CannedMessages => Capability::Messages,
            Capability::Hold | Capability::Digits | Capability::Parties | Capability::Dial => Capability::Voice,
            Capability::Voice
            | Capability::Reject
            | Capability::WrapUp
            | Capability::Messages
            | Capability::CreateTask
            | Capability::Monitoring
            | Capability::WorkLists
            | Capability::Customers
            | Capability::HandoverNotes
            | Capability::ReportIssue => Offers,
            _ => continue,
        };
        assert!(can::<F>(needed), "{capability:?} stands on {needed:?}");
    }
    assert!(!can::<F>(Attachments) || can::<F>(Offers), "files come in contacts");
    drop(log);
}

/// Good credentials: online, with agent, states and an empty desk, in one whole picture.
pub async fn logs_in<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let seated = online(&fixture, Seat::One, &log).await;
    let agent = seated.picture.agent.as_ref().expect("the agent is sent before the link is online");
    assert!(!agent.name.is_empty(), "the agent has a name");
    if can::<F>(Capability::AgentState) {
        assert_eq!(agent.state.kind, AgentStateKind::Routable, "the fixture's agents are available");
        assert!(agent.selectable_states.len() > 1, "there are states to choose");
    } else {
        assert!(agent.selectable_states.is_empty(), "there is no state to choose");
    }
    assert!(agent.selectable_states.iter().all(|state| state.id.is_some()), "a state to choose has an id");
    assert_eq!(seated.picture.resyncs, 1, "the first picture is a whole one");
    assert!(seated.picture.contacts.is_empty(), "nobody has called");
    assert_eq!(seated.picture.link.reason, None, "online needs no reason");
    assert_eq!(seated.leave().await, Ended::Cancelled, "cancelled is not signed out");
}

/// Bad credentials: asks for sign-in with a reason, and stays alive.
pub async fn wrong_credentials_ask_for_sign_in<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    fixture.put_credentials(Seat::One, Credentials::Wrong).await;
    let mut seated = Seated::sit(&fixture, Seat::One, &log);
    seated.until_link(LinkState::NeedsSignIn).await;
    let reason = seated.picture.link.reason.clone().unwrap_or_default();
    assert!(reason.starts_with("link_reason_"), "the agent is told why: {reason:?}");
    let contact = ContactId::new("nobody");
    let error = seated.command(Command::Accept { contact }).await.expect_err("nothing works while signed out");
    assert_eq!(error.code, CommandCode::NotSignedIn, "and says so");
    assert_eq!(seated.leave().await, Ended::Cancelled, "it had not ended by itself");
}

/// Better credentials and `SignIn`: online without a restart.
pub async fn sign_in_after_wrong_credentials<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    fixture.put_credentials(Seat::One, Credentials::Wrong).await;
    let mut seated = Seated::sit(&fixture, Seat::One, &log);
    seated.until_link(LinkState::NeedsSignIn).await;
    fixture.put_credentials(Seat::One, Credentials::Right).await;
    seated.command(Command::SignIn).await.expect("signing in begins");
    seated.until_link(LinkState::Online).await;
    seated.leave().await;
}

/// An expired token is renewed in the middle of work; nobody notices.
pub async fn token_is_renewed_without_the_agent<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::AgentState) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    fixture.expire_token();
    let state = choice(&seated, fixture.break_state());
    let command = Command::SetAgentState { state, when_free: false };
    seated.command(command).await.expect("a refused token is renewed and the command repeated once");
    let name = fixture.break_state();
    seated.until("the new state", |picture| picture.agent.as_ref().is_some_and(|agent| agent.state.name == name)).await;
    assert_ne!(seated.picture.link.state, LinkState::NeedsSignIn, "the agent need not sign in");
    seated.leave().await;
}

/// The platform ends the session: the agent is asked to sign in, and told why.
pub async fn forced_log_out_asks_for_sign_in<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    fixture.end_session();
    if can::<F>(Capability::AgentState) {
        // The poll under way may still be answered; a change makes the next one start.
        let state = choice(&seated, fixture.break_state());
        let answer = seated.command(Command::SetAgentState { state, when_free: false }).await;
        assert_eq!(
            answer.map_err(|error| error.code),
            Err(CommandCode::NotSignedIn),
            "the command fails, and says why"
        );
    }
    seated.until_link(LinkState::NeedsSignIn).await;
    assert!(seated.picture.link.reason.is_some(), "with a reason");
    seated.leave().await;
}

/// A state is chosen, at the platform and in the picture.
pub async fn state_change_accepted<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::AgentState) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let name = fixture.break_state();
    let state = choice(&seated, name);
    seated.command(Command::SetAgentState { state: state.clone(), when_free: false }).await.expect("a free agent");
    seated
        .until("the new state", |picture| {
            picture.agent.as_ref().is_some_and(|agent| agent.state.id.as_ref() == Some(&state))
        })
        .await;
    assert_eq!(fixture.state_at_platform(Seat::One), name, "the platform agrees");
    seated.leave().await;
}

/// A refusal reaches the agent, and the picture keeps the truth.
pub async fn state_change_refused<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::AgentState) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let before = seated.picture.agent.clone();
    fixture.refuse_next_state_change();
    let state = choice(&seated, fixture.break_state());
    let error = seated.command(Command::SetAgentState { state, when_free: false }).await.expect_err("refused");
    assert_eq!(error.code, CommandCode::NotPossible, "in the agent's terms");
    let unknown = AgentStateId::new("no-such-state");
    let error = seated.command(Command::SetAgentState { state: unknown, when_free: false }).await.expect_err("unknown");
    assert_eq!(error.code, CommandCode::Invalid, "a state that is not on the list is not even asked for");
    seated.watch(Duration::from_millis(300)).await;
    assert_eq!(seated.picture.agent, before, "the state shown did not change");
    seated.leave().await;
}

/// A state for after the present contact is queued, shown, and taken.
pub async fn next_state_is_queued<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::NextState) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let state = choice(&seated, fixture.break_state());
    let now = Command::SetAgentState { state: state.clone(), when_free: false };
    assert_eq!(
        seated.command(now).await.map_err(|error| error.code),
        Err(CommandCode::NotPossible),
        "during a contact a state cannot be taken at once"
    );
    seated.command(Command::SetAgentState { state: state.clone(), when_free: true }).await.expect("but queued");
    let queued =
        |agent: &trunkline_model::Agent| agent.next_state.as_ref().is_some_and(|next| next.id == Some(state.clone()));
    seated.until("the queued state", |picture| picture.agent.as_ref().is_some_and(queued)).await;
    seated.command(hang_up(&contact)).await.expect("hanging up");
    until_over(&mut seated, &contact).await;
    seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");
    seated
        .until("the queued state to be taken", |picture| {
            picture.agent.as_ref().is_some_and(|agent| agent.state.id == Some(state.clone()))
        })
        .await;
    seated.leave().await;
}

/// Offer, accept, hang up.
pub async fn offer_accepted_and_ended_by_the_agent<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ringing(&fixture, &mut seated, Seat::One).await;
    let offer = seated.picture.contacts[&contact].clone();
    assert!(offer.allowed.contains(&ContactAction::Accept), "an offer can be accepted");
    assert!(!offer.allowed.contains(&ContactAction::End), "but not hung up yet");
    assert_eq!(offer.outcome, None, "nothing is decided while it rings");
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting");
    seated.until_contact(&contact, ContactState::Connected).await;
    assert!(fixture.view(&contact).accepted, "the platform got the accept");
    let call = &seated.picture.contacts[&contact];
    assert!(call.allowed.contains(&ContactAction::End), "a contact at work can be ended");
    assert!(!call.allowed.contains(&ContactAction::Accept), "and not be accepted again");
    seated.command(hang_up(&contact)).await.expect("hanging up");
    until_over(&mut seated, &contact).await;
    assert!(fixture.view(&contact).ended_by_agent, "the platform got the hang-up");
    assert_eq!(outcome(&seated, &contact), Some(Outcome::EndedByAgent), "who hung up is known");
    seated.leave().await;
}

/// The customer hangs up.
pub async fn offer_accepted_and_ended_by_the_customer<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    fixture.customer_leaves(&contact).await;
    until_over(&mut seated, &contact).await;
    let outcome = outcome(&seated, &contact);
    assert!(
        matches!(outcome, Some(Outcome::EndedByCustomer | Outcome::Handled)),
        "it was handled and the agent did not hang up: {outcome:?}"
    );
    seated.leave().await;
}

/// Nobody answers.
pub async fn offer_missed<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = fixture.offer_that_rings(Seat::One, Duration::from_millis(1500)).await;
    seated.until_contact(&contact, ContactState::Offered).await;
    until_over(&mut seated, &contact).await;
    assert_eq!(outcome(&seated, &contact), Some(Outcome::Missed), "the agent missed it");
    if seated.picture.contacts.contains_key(&contact) {
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("a missed contact can be cleared");
        seated.until_gone(&contact).await;
    }
    seated.leave().await;
}

/// The agent declines.
pub async fn offer_rejected<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Reject) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ringing(&fixture, &mut seated, Seat::One).await;
    seated.command(Command::Reject { contact: contact.clone() }).await.expect("declining an offer");
    until_over(&mut seated, &contact).await;
    assert!(fixture.view(&contact).rejected, "the platform got it");
    assert_eq!(outcome(&seated, &contact), Some(Outcome::Declined), "declined is not missed");
    seated.leave().await;
}

/// The customer gives up: no ringing any more, and it was nobody's fault.
pub async fn customer_leaves_while_ringing<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ringing(&fixture, &mut seated, Seat::One).await;
    fixture.customer_leaves(&contact).await;
    until_over(&mut seated, &contact).await;
    let outcome = outcome(&seated, &contact);
    assert!(matches!(outcome, Some(Outcome::Abandoned | Outcome::Missed)), "not handled, not declined: {outcome:?}");
    let late = seated.command(Command::Accept { contact }).await.expect_err("it is gone");
    assert_eq!(late.code, CommandCode::NotPossible, "accepting too late says so");
    seated.leave().await;
}

/// After-contact work lasts until the agent ends it.
pub async fn wrap_up_lasts_until_cleared<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::WrapUp) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    fixture.customer_leaves(&contact).await;
    seated.until_contact(&contact, ContactState::Ended).await;
    seated.watch(Duration::from_millis(500)).await;
    let ended = seated.picture.contacts.get(&contact).expect("after-contact work keeps the contact");
    assert!(ended.allowed.contains(&ContactAction::Clear), "it can be cleared");
    seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");
    seated.until_gone(&contact).await;
    assert!(fixture.view(&contact).cleared, "the platform got it");
    let routable = |agent: &trunkline_model::Agent| agent.state.kind == AgentStateKind::Routable;
    seated.until("the agent to be available again", |picture| picture.agent.as_ref().is_some_and(routable)).await;
    seated.leave().await;
}

/// A problem reaches the platform in the agent's words, once a report, as long
/// as the contact is there.
pub async fn problem_is_reported_during_a_contact_and_after_it<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::ReportIssue) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let report =
        |text: &str| Command::ReportIssue { contact: contact.clone(), kind: IssueKind::Sound, text: text.to_owned() };
    let words = "she heard nothing <b>at all</b>\nfor a minute";
    seated.command(report(words)).await.expect("during the contact");
    assert_eq!(fixture.view(&contact).issues, [words], "as it was written, once");
    seated.command(hang_up(&contact)).await.expect("hanging up");
    until_over(&mut seated, &contact).await;
    if can::<F>(Capability::WrapUp) {
        seated.command(report("and again")).await.expect("during after-contact work");
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");
        seated.until_gone(&contact).await;
        assert_eq!(fixture.view(&contact).issues, [words, "and again"], "both are there");
    }
    let late = seated.command(report("too late")).await.expect_err("nobody knows that contact any more");
    assert_eq!(late.code, CommandCode::NotPossible);
    seated.leave().await;
}

/// A second contact rings while the first is at work; the two do not mix.
pub async fn second_contact_while_busy<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let first = connected(&fixture, &mut seated, Seat::One).await;
    let second = fixture.offer(Seat::One, true).await;
    seated.until_contact(&second, ContactState::Offered).await;
    assert_eq!(seated.picture.state(&first), Some(&ContactState::Connected), "the first goes on");
    fixture.customer_leaves(&second).await;
    until_over(&mut seated, &second).await;
    assert_eq!(seated.picture.state(&first), Some(&ContactState::Connected), "and still goes on");
    seated.command(hang_up(&first)).await.expect("the first can be ended");
    until_over(&mut seated, &first).await;
    seated.leave().await;
}

/// Two accounts on one platform: each sees its own.
pub async fn two_accounts_at_once<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut one = online(&fixture, Seat::One, &log).await;
    let mut two = online(&fixture, Seat::Two, &log).await;
    let of_one = ringing(&fixture, &mut one, Seat::One).await;
    let of_two = ringing(&fixture, &mut two, Seat::Two).await;
    one.command(Command::Accept { contact: of_one.clone() }).await.expect("one accepts");
    one.until_contact(&of_one, ContactState::Connected).await;
    two.watch(Duration::from_millis(300)).await;
    assert_eq!(two.picture.state(&of_two), Some(&ContactState::Offered), "two still rings");
    assert_eq!(two.picture.state(&of_one), None, "and has nothing of one");
    assert_eq!(one.picture.state(&of_two), None, "nor one of two");
    let names = [&one, &two].map(|seated| seated.picture.agent.as_ref().map(|agent| agent.name.clone()));
    assert_ne!(names[0], names[1], "two different agents");
    one.leave().await;
    two.until_contact(&of_two, ContactState::Offered).await;
    two.leave().await;
}

/// Hold and resume of the customer.
pub async fn hold_and_resume<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Hold) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    assert!(seated.picture.contacts[&contact].allowed.contains(&ContactAction::Hold), "a call can be held");
    let hold = Command::Hold { contact: contact.clone(), connection: None };
    seated.command(hold).await.expect("holding");
    let held = |want: bool| {
        let contact = contact.clone();
        move |picture: &super::Picture| picture.contacts.get(&contact).is_some_and(|contact| contact.on_hold == want)
    };
    seated.until("the customer to be on hold", held(true)).await;
    assert!(seated.picture.contacts[&contact].allowed.contains(&ContactAction::Resume), "and taken back");
    assert!(!seated.picture.contacts[&contact].allowed.contains(&ContactAction::Hold), "but not held twice");
    seated.command(Command::Resume { contact: contact.clone(), connection: None }).await.expect("resuming");
    seated.until("the customer to be off hold", held(false)).await;
    let view = fixture.view(&contact);
    assert_eq!((view.holds, view.resumes), (1, 1), "once each at the platform");
    seated.leave().await;
}

/// The agent calls, somebody answers, the agent hangs up.
pub async fn dialled_call_answered_and_ended<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Dial) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let agent = seated.picture.agent.clone().expect("the agent is known");
    assert!(agent.can_dial, "the fixture's agents may call");
    if let Some(default) = &agent.default_dial_queue {
        assert!(agent.dial_queues.iter().any(|queue| queue.id == *default), "the default queue is one to choose");
    }
    let dial = Command::Dial { number: fixture.number(), queue: None, related: None };
    seated.command(dial).await.expect("dialling");
    seated.until("the call to appear", |picture| !picture.contacts.is_empty()).await;
    let call = seated.picture.contacts.values().next().expect("it is there").clone();
    assert_eq!(call.direction, Direction::Outbound, "as the agent's own call");
    assert_eq!(call.customer.address, Some(fixture.number()), "with the number");
    assert_ne!(call.state, ContactState::Offered, "it is no offer");
    seated.until_contact(&call.id, ContactState::Connected).await;
    seated.command(hang_up(&call.id)).await.expect("hanging up");
    until_over(&mut seated, &call.id).await;
    assert_eq!(outcome(&seated, &call.id), Some(Outcome::EndedByAgent), "who hung up is known");
    assert_eq!(fixture.calls_made(Seat::One), 1, "one call at the platform");
    seated.leave().await;
}

/// What is no number, or for no queue of the agent's, does not reach the platform.
pub async fn nonsense_is_not_dialled<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Dial) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    for (number, queue) in [("", None), ("12", None), ("+0301234567", None), ("+4930abcdefg", None)]
        .map(|(number, queue)| (number.to_owned(), queue))
        .into_iter()
        .chain([(fixture.number(), Some("nobody's".into()))])
    {
        let error = seated.command(Command::Dial { number, queue, related: None }).await.expect_err("refused");
        assert_eq!(error.code, CommandCode::Invalid, "and the agent is told so");
    }
    assert_eq!(fixture.calls_made(Seat::One), 0, "nobody was called");
    assert!(seated.picture.contacts.is_empty(), "and nothing is shown");
    seated.leave().await;
}

/// All pages of the directory, each entry once.
pub async fn directory_is_read_to_its_end<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Endpoints) {
        return;
    }
    let fixture = F::start().await;
    let mut expected = fixture.fill_directory(25);
    let mut seated = online(&fixture, Seat::One, &log).await;
    let list = seated.endpoints(None).await.expect("the directory");
    assert!(list.complete, "all of it");
    let mut names: Vec<String> = list.items.iter().map(|entry| entry.name.clone()).collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected, "every entry, once");
    let has_its_number = |entry: &Endpoint| entry.number.is_some() || entry.kind != EndpointKind::PhoneNumber;
    assert!(list.items.iter().all(has_its_number), "with its number");
    let again = seated.endpoints(None).await.expect("asked again");
    assert_eq!(again, list, "the same");
    seated.leave().await;
}

/// A page that cannot be read: what was read is given and said not to be all.
pub async fn directory_in_part_says_so<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Endpoints) {
        return;
    }
    let fixture = F::start().await;
    let expected = fixture.fill_directory(25);
    if !fixture.directory_has_pages() {
        return;
    }
    fixture.fail_directory();
    let mut seated = online(&fixture, Seat::One, &log).await;
    let list = seated.endpoints(None).await.expect("what was read");
    assert!(!list.complete, "entries are missing");
    assert!(!list.items.is_empty() && list.items.len() < expected.len(), "some of {}", expected.len());
    assert!(list.items.iter().all(|entry| expected.contains(&entry.name)), "real ones");
    assert_eq!(seated.picture.link.state, LinkState::Online, "and calls go on as before");
    seated.leave().await;
}

fn third(contact: &Contact) -> Option<&Connection> {
    contact.connections.iter().find(|leg| leg.kind == ConnectionKind::ThirdParty && leg.state.is_active())
}

/// Customer and third party in these states.
async fn until_parties(seated: &mut Seated, contact: &ContactId, customer: ConnectionState, other: ConnectionState) {
    seated
        .until(&format!("customer {customer:?} and third party {other:?}"), |picture| {
            picture.contacts.get(contact).is_some_and(|contact| {
                contact.initial_connection().is_some_and(|leg| leg.state == customer)
                    && third(contact).is_some_and(|leg| leg.state == other)
            })
        })
        .await;
}

/// Customer on hold, third party talking.
async fn consulting<F: ConformanceFixture>(fixture: &F, seated: &mut Seated) -> ContactId {
    let contact = connected(fixture, seated, Seat::One).await;
    assert!(seated.picture.contacts[&contact].allowed.contains(&ContactAction::AddParty), "a call can be widened");
    let target = Target::Number { number: fixture.number() };
    seated
        .command(Command::AddParty { contact: contact.clone(), target, note: String::new() })
        .await
        .expect("adding a party");
    until_parties(seated, &contact, ConnectionState::Hold, ConnectionState::Connected).await;
    contact
}

/// Consult, change over, bring together, leave: the others talk on.
pub async fn third_party_consulted_joined_and_left_to_the_customer<F: ConformanceFixture>(log: LogLines) {
    use ConnectionState::{Connected, Hold};
    if !can::<F>(Capability::Parties) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let alone = [Command::Swap { contact: contact.clone() }, Command::Conference { contact: contact.clone() }];
    for command in alone {
        let error = seated.command(command).await.expect_err("there is nobody to do it with");
        assert_eq!(error.code, CommandCode::NotPossible, "and the agent is told so");
    }
    seated.command(hang_up(&contact)).await.expect("hanging up");
    until_over(&mut seated, &contact).await;
    seated.command(Command::Clear { contact }).await.expect("clearing");

    let contact = consulting(&fixture, &mut seated).await;
    let allowed = seated.picture.contacts[&contact].allowed.clone();
    assert!(allowed.contains(&ContactAction::Swap) && allowed.contains(&ContactAction::Conference), "both can be done");
    seated.command(Command::Swap { contact: contact.clone() }).await.expect("changing over");
    until_parties(&mut seated, &contact, Connected, Hold).await;
    seated.command(Command::Conference { contact: contact.clone() }).await.expect("bringing together");
    until_parties(&mut seated, &contact, Connected, Connected).await;
    let allowed = seated.picture.contacts[&contact].allowed.clone();
    assert!(!allowed.contains(&ContactAction::Swap), "nobody is on hold");
    assert!(!allowed.contains(&ContactAction::Conference), "and all are together");
    seated.command(hang_up(&contact)).await.expect("leaving");
    until_over(&mut seated, &contact).await;
    assert_eq!(outcome(&seated, &contact), Some(Outcome::Transferred), "left to each other, not ended");
    assert!(fixture.others_talk(&contact), "as the platform has it");
    assert_eq!(fixture.parties_called(&contact), 1, "one party was called");
    seated.leave().await;
}

/// The third party is put on hold, taken off, and dropped: customer and agent go on.
pub async fn third_party_dropped<F: ConformanceFixture>(log: LogLines) {
    use ConnectionState::{Connected, Hold};
    if !can::<F>(Capability::Parties) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = consulting(&fixture, &mut seated).await;
    let leg = third(&seated.picture.contacts[&contact]).expect("it is there").clone();
    assert!(leg.allowed.contains(&ConnectionAction::Disconnect), "a party can be dropped");
    let connection = Some(leg.id.clone());
    let hold = Command::Hold { contact: contact.clone(), connection: connection.clone() };
    seated.command(hold).await.expect("holding one leg");
    until_parties(&mut seated, &contact, Hold, Hold).await;
    let resume = Command::Resume { contact: contact.clone(), connection: connection.clone() };
    seated.command(resume).await.expect("resuming that leg");
    until_parties(&mut seated, &contact, Hold, Connected).await;
    let drop = Command::Disconnect { contact: contact.clone(), connection };
    seated.command(drop).await.expect("dropping it");
    seated.until("it to be gone", |picture| picture.contacts.get(&contact).is_some_and(|c| third(c).is_none())).await;
    assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "the call goes on");
    assert!(seated.picture.notices.is_empty(), "what the agent did is no news: {:?}", seated.picture.notices);
    seated.command(Command::Resume { contact: contact.clone(), connection: None }).await.expect("back to the customer");
    seated.until("the customer back", |picture| picture.contacts.get(&contact).is_some_and(|c| !c.on_hold)).await;
    seated.command(hang_up(&contact)).await.expect("hanging up");
    until_over(&mut seated, &contact).await;
    assert_eq!(outcome(&seated, &contact), Some(Outcome::EndedByAgent), "an end, not a transfer");
    seated.leave().await;
}

/// An expired token and a repeated command: somebody is called once.
pub async fn third_party_is_called_once<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Parties) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    fixture.expire_token();
    let add = Command::AddParty {
        contact: contact.clone(),
        target: Target::Number { number: fixture.number() },
        note: String::new(),
    };
    for _ in 0..3 {
        let id = CommandId::new("same-id");
        seated.command_as(id, add.clone(), Duration::from_secs(10)).await.expect("the token is renewed meanwhile");
    }
    let error = seated.command(add).await.expect_err("a second party while the first is being called");
    assert_eq!(error.code, CommandCode::NotPossible, "is refused");
    seated.until("the party", |picture| picture.contacts.get(&contact).is_some_and(|c| third(c).is_some())).await;
    assert_eq!(fixture.parties_called(&contact), 1, "one party was called");
    seated.leave().await;
}

/// A blind transfer: the agent leaves while the other party still rings.
pub async fn third_party_left_to_while_it_rings<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Parties) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let target = Target::Number { number: fixture.number() };
    seated
        .command(Command::AddParty { contact: contact.clone(), target, note: String::new() })
        .await
        .expect("adding a party");
    seated.until("the party", |picture| picture.contacts.get(&contact).is_some_and(|c| third(c).is_some())).await;
    let call = &seated.picture.contacts[&contact];
    assert!(call.allowed.contains(&ContactAction::End), "the agent need not wait for the answer");
    seated.command(hang_up(&contact)).await.expect("leaving");
    until_over(&mut seated, &contact).await;
    assert_eq!(outcome(&seated, &contact), Some(Outcome::Transferred), "left to each other");
    assert!(seated.picture.notices.is_empty(), "nothing to complain of: {:?}", seated.picture.notices);
    seated.leave().await;
}

/// A warm transfer to a colleague, seen from both sides.
pub async fn colleague_is_consulted_and_takes_over<F: ConformanceFixture>(log: LogLines) {
    use ConnectionState::{Connected, Hold};
    if !can::<F>(Capability::Parties) || !can::<F>(Capability::Endpoints) {
        return;
    }
    let fixture = F::start().await;
    let Some(name) = fixture.colleague() else {
        return;
    };
    let mut one = online(&fixture, Seat::One, &log).await;
    let mut two = online(&fixture, Seat::Two, &log).await;
    let contact = connected(&fixture, &mut one, Seat::One).await;
    let list = one.endpoints(Some(contact.clone())).await.expect("the directory");
    let entry = list.items.into_iter().find(|entry| entry.name == name).expect("the colleague is in it");
    let target = Target::Endpoint { id: entry.id };
    one.command(Command::AddParty { contact: contact.clone(), target, note: String::new() })
        .await
        .expect("calling the colleague");
    two.until("an offer", |picture| picture.contacts.values().any(|c| c.state == ContactState::Offered)).await;
    let theirs = two.picture.contacts.keys().next().expect("it is there").clone();
    two.command(Command::Accept { contact: theirs.clone() }).await.expect("the colleague accepts");
    two.until_contact(&theirs, ContactState::Connected).await;
    until_parties(&mut one, &contact, Hold, Connected).await;
    one.command(Command::Conference { contact: contact.clone() }).await.expect("bringing together");
    until_parties(&mut one, &contact, Connected, Connected).await;
    one.command(hang_up(&contact)).await.expect("leaving");
    until_over(&mut one, &contact).await;
    assert_eq!(outcome(&one, &contact), Some(Outcome::Transferred), "left to the colleague");
    two.watch(Duration::from_millis(800)).await;
    assert_eq!(two.picture.state(&theirs), Some(&ContactState::Connected), "who goes on with the customer");
    let call = &two.picture.contacts[&theirs];
    assert_eq!(call.parties().count(), 1, "and with nobody else: {:?}", call.connections);
    two.command(hang_up(&theirs)).await.expect("hanging up");
    until_over(&mut two, &theirs).await;
    assert_eq!(outcome(&two, &theirs), Some(Outcome::EndedByAgent), "until they end it");
    one.leave().await;
    two.leave().await;
}

/// Touch tones, in order; nonsense is not sent.
pub async fn digits_arrive<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Digits) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let send =
        |digits: &str| Command::SendDigits { contact: contact.clone(), connection: None, digits: digits.to_owned() };
    for digits in ["1", "2#", "*0"] {
        seated.command(send(digits)).await.expect("digits");
    }
    assert_eq!(fixture.view(&contact).digits, "12#*0", "all, in order");
    for wrong in ["", "12a", "+1", &"1".repeat(51)] {
        let error = seated.command(send(wrong)).await.expect_err("not digits");
        assert_eq!(error.code, CommandCode::Invalid, "{wrong:?} is refused without asking the platform");
    }
    assert_eq!(fixture.view(&contact).digits, "12#*0", "and nothing of it was sent");
    seated.leave().await;
}

/// The agent hears of it, and the next contact comes.
pub async fn socket_dropped_while_idle<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    fixture.drop_sockets();
    if can::<F>(Capability::Offers) {
        let contact = fixture.offer(Seat::One, false).await;
        seated.until_contact(&contact, ContactState::Offered).await;
    } else {
        // What nobody repeats is only told to who is there.
        seated.until("the agent to be told", |picture| picture.link.state != LinkState::Online).await;
    }
    seated.until_link(LinkState::Online).await;
    if can::<F>(Capability::PlatformEvents) {
        event_arrives(&fixture, &mut seated, Seat::One).await;
    }
    seated.leave().await;
}

/// The offer survives and can be accepted.
pub async fn socket_dropped_while_ringing<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ringing(&fixture, &mut seated, Seat::One).await;
    fixture.drop_sockets();
    seated.watch(Duration::from_millis(200)).await;
    assert_eq!(seated.picture.state(&contact), Some(&ContactState::Offered), "it still rings");
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("and can be accepted");
    seated.until_contact(&contact, ContactState::Connected).await;
    seated.until_link(LinkState::Online).await;
    seated.leave().await;
}

/// The call goes on and can be ended.
pub async fn socket_dropped_while_connected<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    fixture.drop_sockets();
    seated.watch(Duration::from_millis(500)).await;
    assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "the call goes on");
    seated.until_link(LinkState::Online).await;
    seated.command(hang_up(&contact)).await.expect("and can be ended");
    until_over(&mut seated, &contact).await;
    seated.leave().await;
}

/// The server goes away and comes back: told, mended, whole again.
pub async fn server_restarts<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let (_, ()) = tokio::join!(fixture.restart(Duration::from_millis(1500)), async {
        // A connector may wait for a second failure before it calls that offline.
        seated.until("the agent to be told", |picture| picture.link.state != LinkState::Online).await;
        assert!(seated.picture.link.reason.is_some(), "with a reason");
    });
    seated.until_link(LinkState::Online).await;
    something_arrives(&fixture, &mut seated, Seat::One).await;
    seated.leave().await;
}

/// State after a reconnect equals state without the drop.
pub async fn resync_equals_the_picture_before<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    at_work(&fixture, &mut seated, Seat::One).await;
    seated.watch(Duration::from_millis(500)).await;
    let before = seated.picture.clone();
    fixture.restart(Duration::from_millis(800)).await;
    let resyncs = before.resyncs;
    seated.until("a whole picture", |picture| picture.resyncs > resyncs).await;
    seated.until_link(LinkState::Online).await;
    assert_eq!(seated.picture.agent, before.agent, "the agent is the same");
    assert_eq!(seated.picture.contacts, before.contacts, "the contacts are the same");
    seated.leave().await;
}

/// Events twice and too late change nothing.
pub async fn duplicate_and_stale_events<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    fixture.duplicate_events(true);
    // `Picture` itself fails when an unchanged contact is sent again.
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    fixture.stale_events();
    seated.watch(Duration::from_millis(700)).await;
    assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "still at work");
    assert_eq!(seated.picture.contacts.len(), 1, "one contact, not two");
    assert_eq!(seated.picture.link.state, LinkState::Online, "and nothing broke");
    seated.leave().await;
}

/// What nobody knows is survived; work goes on.
pub async fn unknown_events<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = at_work(&fixture, &mut seated, Seat::One).await;
    fixture.unknown_event(Seat::One);
    seated.watch(Duration::from_secs(1)).await;
    if let Some(contact) = contact {
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "the call at work is not lost");
        seated.command(hang_up(&contact)).await.expect("and can be ended");
        until_over(&mut seated, &contact).await;
    }
    if can::<F>(Capability::PlatformEvents) {
        event_arrives(&fixture, &mut seated, Seat::One).await;
    }
    seated.leave().await;
}

/// A frame beyond the limit costs at most the socket.
pub async fn oversized_frame<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = at_work(&fixture, &mut seated, Seat::One).await;
    fixture.oversized_frame();
    seated.watch(Duration::from_millis(500)).await;
    if let Some(contact) = contact {
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "the call goes on");
    }
    seated.until_link(LinkState::Online).await;
    if can::<F>(Capability::PlatformEvents) {
        event_arrives(&fixture, &mut seated, Seat::One).await;
    }
    seated.leave().await;
}

/// Slow is not broken.
pub async fn slow_server<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    fixture.slow_down(Duration::from_millis(400));
    let mut seated = online(&fixture, Seat::One, &log).await;
    if let Some(contact) = at_work(&fixture, &mut seated, Seat::One).await {
        seated.command(hang_up(&contact)).await.expect("hanging up");
        until_over(&mut seated, &contact).await;
    } else {
        something_arrives(&fixture, &mut seated, Seat::One).await;
    }
    seated.leave().await;
}

/// Times are shown by this computer's clock, whatever the platform's says.
pub async fn clock_skew<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    for seconds in [3600.0, -3600.0] {
        let fixture = F::start().await;
        fixture.skew_clock(seconds);
        let mut seated = online(&fixture, Seat::One, &log).await;
        let contact = ringing(&fixture, &mut seated, Seat::One).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64;
        let since = seated.picture.contacts[&contact].state_since.0;
        assert!((now - since).abs() < 5_000, "{} s beside the truth with {seconds} s of skew", (now - since) / 1000);
        if let Some(expires) = seated.picture.contacts[&contact].offer_expires {
            assert!(expires.0 > now, "an offer that rings has not run out");
        }
        seated.leave().await;
    }
}

/// A platform that answers nothing: the command is answered by its deadline.
pub async fn command_deadline<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Offers) {
        return;
    }
    let fixture = F::start().await;
    if !fixture.hears_accepting() {
        return;
    }
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ringing(&fixture, &mut seated, Seat::One).await;
    fixture.silence(true);
    let began = Instant::now();
    let command = Command::Accept { contact };
    let error = seated
        .command_as(CommandId::new("in-vain"), command, Duration::from_millis(700))
        .await
        .expect_err("nothing answers");
    assert_eq!(error.code, CommandCode::Timeout, "it may have been carried out, so this and no other");
    assert!(began.elapsed() >= Duration::from_millis(600), "the platform was given its time");
    fixture.silence(false);
    seated.leave().await;
}

/// The same id is carried out once, however often it arrives.
pub async fn repeated_command_is_carried_out_once<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Digits) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let command = Command::SendDigits { contact: contact.clone(), connection: None, digits: "7".to_owned() };
    for _ in 0..3 {
        let id = CommandId::new("same-id");
        seated.command_as(id, command.clone(), Duration::from_secs(10)).await.expect("the first one's answer");
    }
    assert_eq!(fixture.view(&contact).digits, "7", "one digit arrived, not three");
    seated.leave().await;
}

/// Nothing is sent for what is not there.
pub async fn command_for_a_contact_that_is_gone<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = ContactId::new("never-was");
    for command in [
        Command::Accept { contact: contact.clone() },
        Command::Clear { contact: contact.clone() },
        hang_up(&contact),
        Command::Hold { contact, connection: None },
    ] {
        let error = seated.command(command).await.expect_err("there is no such contact");
        assert_eq!(error.code, CommandCode::NotPossible, "and the agent is told so");
    }
    seated.leave().await;
}

/// Cancelled in the middle of everything, even of silence: over within a second.
pub async fn prompt_cancellation<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    at_work(&fixture, &mut seated, Seat::One).await;
    fixture.silence(true);
    let began = Instant::now();
    assert_eq!(seated.leave().await, Ended::Cancelled, "for that reason");
    assert!(began.elapsed() < Duration::from_secs(1), "took {:?}", began.elapsed());
}

/// An event arrives whole, to whom it is for and nobody else, once however often it comes.
pub async fn platform_event_is_told_once_to_whom_it_is_for<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::PlatformEvents) {
        return;
    }
    let fixture = F::start().await;
    let mut one = online(&fixture, Seat::One, &log).await;
    let mut two = online(&fixture, Seat::Two, &log).await;
    fixture.duplicate_events(true);
    let id = event_arrives(&fixture, &mut one, Seat::One).await;
    fixture.duplicate_events(false);
    let event = one.picture.platform_events.last().expect("it arrived").clone();
    assert!(!event.kind.is_empty() && !event.fields.is_empty(), "with its type and what it carries: {event:?}");
    fixture.drop_sockets();
    one.until("the agent to be told", |picture| picture.link.state != LinkState::Online).await;
    one.until_link(LinkState::Online).await;
    fixture.happens_again(Seat::One, id.as_str());
    fixture.stale_events();
    event_arrives(&fixture, &mut one, Seat::One).await;
    assert_eq!(one.picture.repeated_events, 0, "the same again, also after a lost socket, is not told");
    assert_eq!(one.picture.platform_events.len(), 2, "nor what is of an earlier connection");
    two.watch(Duration::from_millis(300)).await;
    assert!(two.picture.platform_events.is_empty(), "and the other agent has none of it");
    one.leave().await;
    two.leave().await;
}

/// A hundred thousand events: all of them, in order, whoever is slow.
pub async fn platform_events_are_not_lost_in_a_flood<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::PlatformEvents) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let ids: Vec<String> = (0..2_000).map(|_| fixture.happens(Seat::One)).collect();
    // The desk takes nothing for a while: the connector has to wait, not to hoard or drop.
    tokio::time::sleep(Duration::from_millis(500)).await;
    seated.until("all events", |picture| picture.platform_events.len() == ids.len()).await;
    let told: Vec<&str> = seated.picture.platform_events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(told, ids, "each once, in the order they happened");
    seated.leave().await;
}

/// Who is online, one entry a device, and nobody once that is not told any more.
pub async fn roster_follows_who_comes_and_goes<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Roster) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let first = fixture.comes_online("colleague");
    let second = fixture.comes_online("colleague");
    let has = |picture: &super::Picture, reference: &str| {
        picture.roster.iter().any(|entry| entry.reference == reference && entry.name == "colleague")
    };
    seated.until("both devices", |picture| has(picture, &first) && has(picture, &second)).await;
    fixture.goes_offline("colleague", &first);
    seated.until("one device", |picture| !has(picture, &first) && has(picture, &second)).await;
    fixture.restart(Duration::from_millis(800)).await;
    seated.until("the roster again", |picture| has(picture, &second)).await;
    seated.leave().await;
}

/// Signing out: offline at the platform, nothing kept, ended.
pub async fn sign_out<F: ConformanceFixture>(log: LogLines) {
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    seated.command(Command::SignOut { state: None }).await.expect("signing out");
    assert_eq!(seated.end().await, Ended::SignedOut, "the connector ends");
    let mut again = Seated::sit(&fixture, Seat::One, &log);
    again.until_link(LinkState::NeedsSignIn).await;
    again.leave().await;
}
