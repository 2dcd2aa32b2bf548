//! Supervisors: their teams, listening in, whispering, joining in.

use std::time::Duration;

use trunkline_connector::testing::{LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent};
use trunkline_model::{
    AgentStateKind, AuthorRole, ContactAction, ContactId, ContactState, ConversationState, Direction, LinkState,
    Listening, MonitorMode, Outcome, Supervision, SupervisionPart,
};
use trunkline_simulators::expertflow::CustomerOffer;

use crate::support::{Fixture, SOON, customer, options, text};

/// The first agent works, the second one supervises the first one's team.
async fn teams(log: &LogLines) -> (Fixture, Seated, Seated) {
    let mut options = options();
    options.agents[1] = options.agents[1].clone().supervising("Support");
    // The next customer waits.
    options.agents[0].max_chats = 1;
    let fixture = Fixture::with(options).await;
    let agent = fixture.ready(Seat::One, log).await;
    let supervisor = fixture.online(Seat::Two, log).await;
    (fixture, agent, supervisor)
}

/// Likewise, with a chat of the agent's at work.
async fn watched(log: &LogLines) -> (Fixture, Seated, Seated, ContactId) {
    let (fixture, mut agent, supervisor) = teams(log).await;
    let contact = fixture.chat_for(Seat::One, customer().saying("Hello?")).await;
    crate::support::take(&mut agent, &contact).await;
    (fixture, agent, supervisor, contact)
}

/// The supervisor reads along.
async fn listening(log: &LogLines) -> (Fixture, Seated, Seated, ContactId) {
    let (fixture, agent, mut supervisor, contact) = watched(log).await;
    supervisor.supervision().await.expect("a picture");
    supervisor.command(Command::Monitor { contact: contact.clone() }).await.expect("listening");
    supervisor.until_conversation(&contact, ConversationState::Open).await;
    (fixture, agent, supervisor, contact)
}

fn words(text: &str, internal: bool) -> OutgoingContent {
    OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal }
}

async fn until_said(seated: &mut Seated, contact: &ContactId, words: &str) {
    let said = |picture: &Picture| picture.words(contact).into_iter().any(|message| text(message) == words);
    seated.until(words, said).await;
}

fn listening_of(picture: &Supervision, contact: &ContactId) -> Option<Listening> {
    picture.contacts.iter().find(|one| one.id == *contact).map(|one| one.listening)
}

#[test]
fn a_supervisor_sees_agents_queues_and_conversations_of_the_own_teams() {
    run(async |log| {
        let (fixture, agent, mut supervisor, contact) = watched(&log).await;
        let told = supervisor.picture.agent.as_ref().unwrap();
        assert_eq!(told.supervises.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Support"]);
        assert!(agent.picture.agent.as_ref().unwrap().supervises.is_empty(), "an agent supervises nobody");
        let waiting =
            fixture.sim.customer_chats(CustomerOffer::of("Pat Query", "Web Care").number("+12025550199")).unwrap();
        let picture = supervisor.supervision().await.expect("a picture");
        assert!(picture.missing.is_empty(), "{:?}", picture.missing);
        let adams = picture.agents.iter().find(|agent| agent.name == "adams").expect("the agent");
        assert_eq!((adams.state.kind, adams.contacts), (AgentStateKind::Routable, 1));
        assert!(adams.media.iter().any(|medium| medium.name == "CHAT"), "{adams:?}");
        let queue = picture.queues.iter().find(|queue| queue.name == "Web Care").expect("the queue");
        assert_eq!((queue.active, queue.waiting.len()), (1, 1));
        assert_eq!(queue.waiting[0].customer.name.as_deref(), Some("Pat Query"));
        let chat = picture.contacts.iter().find(|one| one.id == contact).expect("the conversation");
        assert_eq!((chat.listening, chat.queue.as_deref()), (Listening::Possible, Some("Web Care")));
        assert_eq!((chat.people[0].name.as_str(), chat.people[0].role), ("Ada Adams", AuthorRole::Agent));
        assert!(picture.contacts.iter().all(|one| one.id.as_str() != waiting.id()), "who waits is nobody's yet");
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn what_cannot_be_read_of_the_teams_is_missing_and_the_rest_is_shown() {
    run(async |log| {
        let (fixture, agent, mut supervisor, contact) = watched(&log).await;
        fixture.sim.fail_path("queued-chats", 500, 1);
        let picture = supervisor.supervision().await.expect("the rest of it");
        assert_eq!(picture.missing, [SupervisionPart::Waiting]);
        assert!(listening_of(&picture, &contact).is_some() && !picture.agents.is_empty());
        fixture.sim.fail_path("realtime-reports", 503, 3);
        let error = supervisor.supervision().await.unwrap_err();
        assert_eq!(error.code, CommandCode::Unavailable);
        assert!(supervisor.supervision().await.unwrap().missing.is_empty(), "and again");
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn who_supervises_nobody_is_told_so() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut agent = fixture.online(Seat::One, &log).await;
        assert_eq!(agent.supervision().await.unwrap_err().code, CommandCode::NotAllowed);
        let error = agent.command(Command::Monitor { contact: ContactId::new("c") }).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        agent.leave().await;
    });
}

#[test]
fn a_supervisor_listens_whispers_and_joins_in() {
    run(async |log| {
        let (fixture, mut agent, mut supervisor, contact) = listening(&log).await;
        let chat = fixture.chat(&contact);
        let held = supervisor.picture.contacts[&contact].clone();
        let monitoring = held.monitoring.expect("as a supervisor");
        assert_eq!((monitoring.mode, monitoring.agent.as_deref()), (MonitorMode::Silent, Some("Ada Adams")));
        assert_eq!((held.direction, held.state), (Direction::Monitoring, ContactState::Connected));
        let may = |action| held.allowed.contains(&action);
        assert!(may(ContactAction::Whisper) && may(ContactAction::BargeIn) && may(ContactAction::End));
        assert!(!may(ContactAction::Transfer) && !may(ContactAction::AddParty) && !may(ContactAction::WrapUp));
        assert_eq!(text(supervisor.picture.words(&contact)[0]), "Hello?", "with what was said before");
        assert_eq!(listening_of(&supervisor.supervision().await.unwrap(), &contact), Some(Listening::Mine));

        // The customer is never written to, whatever is tried.
        let error = supervisor.send(&contact, "t-1", words("Hi", false)).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotAllowed);
        supervisor.send(&contact, "t-2", words("Offer a discount", true)).await.expect("whispered");
        until_said(&mut agent, &contact, "Offer a discount").await;
        assert!(agent.picture.words(&contact).iter().any(|m| m.internal && text(m) == "Offer a discount"));

        // The first whisper makes one of them who are there.
        let mode = |picture: &Picture| picture.contacts[&contact].monitoring.as_ref().map(|m| m.mode);
        supervisor.until("whispering", |picture| mode(picture) == Some(MonitorMode::Whisper)).await;
        let supervised = |picture: &Picture| {
            let people = &picture.conversations[&contact].participants;
            people.iter().any(|one| one.role == AuthorRole::Supervisor)
        };
        agent.until("the supervisor to be seen", supervised).await;
        let error = supervisor.send(&contact, "t-3", words("Hi", false)).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotAllowed);

        supervisor
            .command(Command::SetMonitorMode { contact: contact.clone(), mode: MonitorMode::Barge })
            .await
            .expect("in it");
        supervisor.until("barged in", |picture| mode(picture) == Some(MonitorMode::Barge)).await;
        supervisor.until("words for the customer", |p| !p.conversations[&contact].only_whispers).await;
        supervisor.send(&contact, "t-4", words("I can help you.", false)).await.expect("said");
        chat.expect_message("I can help you.", SOON).await.unwrap();
        until_said(&mut agent, &contact, "I can help you.").await;
        let back = Command::SetMonitorMode { contact: contact.clone(), mode: MonitorMode::Silent };
        assert_eq!(supervisor.command(back).await.unwrap_err().code, CommandCode::NotAllowed, "no way back");

        supervisor.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        supervisor.until_gone(&contact).await;
        assert_eq!(agent.picture.state(&contact), Some(&ContactState::Connected), "the agent goes on");
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn a_listener_goes_with_the_agent() {
    run(async |log| {
        let (_fixture, mut agent, mut supervisor, contact) = listening(&log).await;
        agent.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        agent.until_gone(&contact).await;
        supervisor.until_gone(&contact).await;
        assert_ne!(supervisor.picture.gone[&contact], Some(Outcome::Failed));
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn refusals_of_listening_are_in_the_platforms_words() {
    run(async |log| {
        let (fixture, mut agent, mut supervisor, contact) = watched(&log).await;
        supervisor.supervision().await.expect("a picture");
        agent.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        agent.until_gone(&contact).await;
        fixture.chat(&contact).customer_leaves();
        let error = supervisor.command(Command::Monitor { contact: contact.clone() }).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert!(!error.detail.is_empty(), "it says why");
        assert!(supervisor.picture.contacts.is_empty());
        // Gone from the list, it is not asked for at all.
        supervisor.supervision().await.expect("a new picture");
        let asked = fixture.sim.heard().len();
        assert!(supervisor.command(Command::Monitor { contact }).await.is_err());
        assert_eq!(fixture.sim.heard().len(), asked);
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn listening_goes_on_after_the_connection_came_back() {
    run(async |log| {
        let (fixture, agent, mut supervisor, contact) = listening(&log).await;
        fixture.sim.drop_sockets();
        supervisor.watch(Duration::from_millis(200)).await;
        supervisor.until_link(LinkState::Online).await;
        supervisor.until_conversation(&contact, ConversationState::Open).await;
        fixture.chat(&contact).customer_writes("Still there?").unwrap();
        until_said(&mut supervisor, &contact, "Still there?").await;
        let mode = supervisor.picture.contacts[&contact].monitoring.as_ref().map(|m| m.mode);
        assert_eq!(mode, Some(MonitorMode::Silent));
        agent.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn an_announcement_is_told_once_and_not_to_whom_it_is_from() {
    run(async |log| {
        let (fixture, mut agent, mut supervisor) = teams(&log).await;
        let id = fixture.sim.announce("brown", "Maintenance at six", &["Support"]);
        let told = |picture: &Picture| picture.platform_events.iter().any(|event| event.id.as_str() == id);
        agent.until("the announcement", told).await;
        let event = agent.picture.platform_events[0].clone();
        assert_eq!((event.field("text"), event.field("from")), (Some("Maintenance at six"), Some("brown")));
        supervisor.watch(Duration::from_millis(300)).await;
        assert!(!told(&supervisor.picture), "the own words");
        // Signed in later, it is read; the same id says that it is the same.
        agent.leave().await;
        let mut again = fixture.online(Seat::One, &log).await;
        again.until("the announcement", told).await;
        again.leave().await;
        supervisor.leave().await;
    });
}

#[test]
fn a_supervisor_can_be_among_the_agents_without_a_word() {
    run(async |log| {
        let (fixture, agent, mut supervisor, contact) = listening(&log).await;
        let whisper = Command::SetMonitorMode { contact: contact.clone(), mode: MonitorMode::Whisper };
        supervisor.command(whisper).await.expect("among the agents");
        let held = supervisor.picture.contacts[&contact].clone();
        assert_eq!(held.monitoring.map(|monitoring| monitoring.mode), Some(MonitorMode::Whisper));
        supervisor.send(&contact, "t-1", words("Well done", true)).await.expect("whispered");
        let asked = fixture.sim.heard().into_iter().filter(|one| one.name == "joinAsWhisper").count();
        assert_eq!(asked, 1, "said once");
        agent.leave().await;
        supervisor.leave().await;
    });
}
