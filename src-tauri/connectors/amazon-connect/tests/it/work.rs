//! Tasks, e-mails, call-backs, desk phones and supervisors over the simulator.

use std::time::Duration;

use trunkline_connector::testing::{ConformanceFixture, Credentials, LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, Target, TaskRequest, TaskUpdate};
use trunkline_model::{
    Channel, ContactAction, ContactId, ContactState, Direction, EndpointId, FieldValue, LinkState, MonitorMode,
    Outcome, Reference, ReferenceKind, TaskToken, UnixMillis,
};
use trunkline_simulators::amazon_connect::{
    Fault, OfferCall, OfferEmail, OfferTask, OutboundAnswer, QuickConnect, SimWork,
};
use trunkline_testkit::MediaCall;

use crate::support::fixture::Fixture;

const SOON: Duration = Duration::from_secs(15);
const TOKEN: &str = "3f8a2c1e-0000-4000-8000-000000000001";

async fn online(fixture: &Fixture, seat: Seat, log: &LogLines) -> Seated {
    fixture.put_credentials(seat, Credentials::Right).await;
    let mut seated = Seated::sit(fixture, seat, log);
    seated.until_link(LinkState::Online).await;
    seated
}

async fn seated(log: &LogLines) -> (Fixture, Seated) {
    let fixture = Fixture::start().await;
    fixture.sim.set_directory(QuickConnect::one_of_each());
    let seated = online(&fixture, Seat::One, log).await;
    (fixture, seated)
}

fn id(work: &SimWork) -> ContactId {
    ContactId::from(work.contact_id())
}

async fn entry(seated: &mut Seated, name: &str) -> EndpointId {
    let list = seated.endpoints(None).await.expect("the directory");
    list.items.iter().find(|entry| entry.name == name).expect("the entry").id.clone()
}

async fn accept(seated: &mut Seated, contact: &ContactId) {
    seated.until_contact(contact, ContactState::Offered).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting");
    seated.until_contact(contact, ContactState::Connected).await;
}

fn noticed<'a>(picture: &'a Picture, key: &str) -> Option<&'a str> {
    picture.notices.values().find(|notice| notice.message_key == key).map(|notice| notice.id.as_str())
}

#[test]
fn a_task_is_worked_on_laid_aside_and_finished() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let task = fixture.sim.offer_task(OfferTask::to("agent.one")).await.unwrap();
        let contact = id(&task);
        accept(&mut seated, &contact).await;
        let shown = &seated.picture.contacts[&contact];
        assert_eq!(shown.channel, Channel::Task, "a task");
        assert_eq!(shown.description.as_deref(), Some("The customer asked about invoice 1001"), "its text");
        assert_eq!(shown.references[0].value, "https://crm.example.com/invoice/1001", "its link");
        seated.command(Command::Pause { contact: contact.clone() }).await.expect("laying aside");
        seated.until_contact(&contact, ContactState::Paused).await;
        fixture.sim.expect_topic("agent.one", "aws/task", SOON).await.expect("subscribed");
        task.warn_of_expiry().unwrap();
        seated.until("the warning", |picture| noticed(picture, "notice_task_expiring").is_some()).await;
        seated.command(Command::Unpause { contact: contact.clone() }).await.expect("taking up");
        seated.until_contact(&contact, ContactState::Connected).await;
        let end = Command::Disconnect { contact: contact.clone(), connection: None };
        seated.command(end).await.expect("finishing");
        seated.until_contact(&contact, ContactState::Ended).await;
        let clear = Command::Clear { contact: contact.clone() };
        seated.command(clear).await.expect("clearing");
        seated.until("gone", |picture| !picture.contacts.contains_key(&contact)).await;
        seated.until("the warning goes with it", |picture| noticed(picture, "notice_task_expiring").is_none()).await;
        seated.leave().await;
    });
}

#[test]
fn a_task_is_declined_missed_expired_and_handed_over() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let declined = fixture.sim.offer_task(OfferTask::default()).await.unwrap();
        seated.until_contact(&id(&declined), ContactState::Offered).await;
        seated.command(Command::Reject { contact: id(&declined) }).await.expect("declining");
        seated.until_contact(&id(&declined), ContactState::Rejected).await;
        let ring = Some(Duration::from_millis(300));
        let missed = fixture.sim.offer_task(OfferTask { ring, ..OfferTask::default() }).await.unwrap();
        seated.until_contact(&id(&missed), ContactState::Missed).await;

        let expired = fixture.sim.offer_task(OfferTask::default()).await.unwrap();
        accept(&mut seated, &id(&expired)).await;
        fixture.sim.expect_topic("agent.one", "aws/task", SOON).await.expect("subscribed");
        expired.expire().unwrap();
        seated.until("the end of its time", |picture| noticed(picture, "notice_task_expired").is_some()).await;
        seated.until_contact(&id(&expired), ContactState::Ended).await;

        let task = fixture.sim.offer_task(OfferTask::default()).await.unwrap();
        accept(&mut seated, &id(&task)).await;
        let target = Target::Endpoint { id: entry(&mut seated, "Agent Two").await };
        seated
            .command(Command::Transfer { contact: id(&task), target, note: String::new() })
            .await
            .expect("handing over");
        task.expect_transferred(SOON).await.expect("the platform has handed it over");
        seated.until_contact(&id(&task), ContactState::Ended).await;
        assert_eq!(seated.picture.contacts[&id(&task)].outcome, Some(Outcome::Transferred), "that is how it ended");
        fixture.sim.expect_work("agent.two", SOON).await.expect("the colleague has it");
        seated.leave().await;
    });
}

fn value(name: &str, value: &str) -> FieldValue {
    FieldValue { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn a_task_is_made_from_a_template_and_changed() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        fixture.sim.fail_next("listTaskTemplates", Fault::Status(403), 1);
        let refused = seated.task_templates().await.expect_err("closed to this agent");
        assert_eq!(refused.code, CommandCode::NotAllowed, "which is told");
        let list = seated.task_templates().await.expect("the next question is answered");
        let names: Vec<&str> = list.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["Change of address", "Returned goods"], "by name");
        let template = seated.task_template(list[1].id.clone()).await.expect("its fields");
        assert!(template.fields.iter().all(|field| field.name != "Source"), "what agents do not see is not told");
        let endpoint = entry(&mut seated, "Support queue").await;
        let request = TaskRequest {
            token: TaskToken::from(TOKEN),
            name: "Refund".to_owned(),
            description: None,
            endpoint: Some(endpoint),
            references: Vec::new(),
            template: Some(template.id.clone()),
            fields: vec![value("Order number", "2041-77"), value("Reason", "Damaged"), value("Amount", "12.50")],
            scheduled_for: None,
            previous: None,
            related: None,
        };
        seated.command(Command::CreateTask(Box::new(request))).await.expect("made");
        let made = fixture.sim.expect_work("agent.one", SOON).await.expect("this agent is free");
        assert_eq!(made.task().unwrap().template.as_ref().unwrap().0, template.id.as_str(), "from the template");
        let contact = id(&made);
        accept(&mut seated, &contact).await;
        let amount = |picture: &Picture| {
            let references = &picture.contacts[&contact].references;
            references.iter().find(|reference| reference.name == "Amount").map(|reference| reference.value.clone())
        };
        assert_eq!(amount(&seated.picture).as_deref(), Some("12.5"), "its fields are its references");
        let change = TaskUpdate {
            contact: contact.clone(),
            name: Some("Refund today".to_owned()),
            description: None,
            references: vec![value("Amount", "20"), value("Page", "https://shop.example/1")],
        };
        fixture.sim.fail_next("updateContact", Fault::Status(500), 1);
        let failed = seated.command(Command::UpdateTask(Box::new(change.clone()))).await.expect_err("it fails");
        assert!(failed.is_transient(), "and may be tried again: {failed}");
        seated.command(Command::UpdateTask(Box::new(change))).await.expect("changed");
        let renamed = |picture: &Picture| picture.contacts[&contact].subject.as_deref() == Some("Refund today");
        seated.until("the new title", renamed).await;
        assert_eq!(amount(&seated.picture).as_deref(), Some("20"), "the new value");
        assert!(seated.picture.contacts[&contact].references.iter().any(|one| one.name == "Page"), "and what is new");
        seated.leave().await;
    });
}

#[test]
fn a_task_is_made_once_whatever_becomes_of_the_answer() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let endpoint = entry(&mut seated, "Agent Two").await;
        let reference = Reference {
            name: "Order".to_owned(),
            kind: ReferenceKind::Url,
            value: "https://example.com/17".to_owned(),
        };
        let request = TaskRequest {
            token: TaskToken::from(TOKEN),
            name: "Call back".to_owned(),
            description: None,
            endpoint: Some(endpoint),
            references: vec![reference],
            template: None,
            fields: Vec::new(),
            scheduled_for: None,
            previous: None,
            related: None,
        };
        let make = Command::CreateTask(Box::new(request));
        fixture.sim.fail_next("CreateTaskContact", Fault::LoseAnswer, 1);
        let lost = seated.command(make.clone()).await.expect_err("the answer is lost");
        assert!(lost.is_transient(), "it may be repeated: {lost}");
        seated.command(make).await.expect("the repetition");
        let made = fixture.sim.expect_work("agent.two", SOON).await.expect("the task");
        assert_eq!(made.task().unwrap().references[0].name, "Order", "with its link");
        let second = fixture.sim.expect_work("agent.two", Duration::from_millis(600)).await;
        assert!(second.is_err(), "there is only one");
        seated.leave().await;
    });
}

#[test]
fn an_email_is_shown_accepted_and_ended() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let email = fixture.sim.offer_email(OfferEmail::to("agent.one")).await.unwrap();
        accept(&mut seated, &id(&email)).await;
        let shown = &seated.picture.contacts[&id(&email)];
        let from = shown.email.as_ref().unwrap().from.as_ref().unwrap();
        assert_eq!(from.address.as_deref(), Some("customer.one@example.com"), "its sender");
        assert_eq!(shown.subject.as_deref(), Some("Where is my order?"), "its subject");
        seated.command(Command::Disconnect { contact: id(&email), connection: None }).await.expect("ending");
        email.expect_ended(SOON).await.expect("at the platform too");
        seated.until_contact(&id(&email), ContactState::Ended).await;
        seated.leave().await;
    });
}

#[test]
fn a_callback_goes_through_its_states() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let call = fixture.sim.offer_callback(OfferCall::to("agent.one"), OutboundAnswer::Never).await.unwrap();
        let contact = ContactId::from(call.contact_id());
        seated.until_contact(&contact, ContactState::Offered).await;
        let shown = &seated.picture.contacts[&contact];
        assert_eq!(shown.direction, Direction::Callback, "the customer asked for it");
        assert!(!shown.softphone, "nothing to hear before it is taken");
        seated.command(Command::Accept { contact: contact.clone() }).await.expect("taking it");
        seated.until_contact(&contact, ContactState::Connecting).await;
        seated.until("media", |picture| picture.contacts[&contact].softphone).await;
        call.answer().unwrap();
        seated.until_contact(&contact, ContactState::Connected).await;
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("hanging up");
        seated.until_contact(&contact, ContactState::Ended).await;
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");
        seated.until("gone", |picture| !picture.contacts.contains_key(&contact)).await;

        let soon = OutboundAnswer::Fails(Duration::from_millis(100));
        let call = fixture.sim.offer_callback(OfferCall::to("agent.one"), soon).await.unwrap();
        let contact = ContactId::from(call.contact_id());
        seated.until_contact(&contact, ContactState::Offered).await;
        seated.command(Command::Accept { contact: contact.clone() }).await.expect("taking it");
        seated.until_contact(&contact, ContactState::Failed).await;
        let outcome = |picture: &Picture| picture.contacts[&contact].outcome == Some(Outcome::NoAnswer);
        seated.until("why: the customer did not answer", outcome).await;
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");

        let ring = Some(Duration::from_millis(300));
        let offer = OfferCall { ring, force: true, ..OfferCall::to("agent.one") };
        let call = fixture.sim.offer_callback(offer, OutboundAnswer::Never).await.unwrap();
        seated.until_contact(&ContactId::from(call.contact_id()), ContactState::Missed).await;
        seated.leave().await;
    });
}

#[test]
fn a_change_to_the_desk_phone_is_answered_when_it_shows() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let set = |extension: &str| Command::SetAgentPreferences {
            softphone: false,
            extension: Some(extension.to_owned()),
            language: Some("de_DE".to_owned()),
        };
        let refused = seated.command(set("12")).await.expect_err("not a number");
        assert_eq!(refused.code, CommandCode::Invalid, "said before anything is sent");
        seated.command(set("+12025550199")).await.expect("changing");
        let changed = |picture: &Picture| picture.agent.as_ref().is_some_and(|agent| !agent.softphone_enabled);
        seated.until("the change", changed).await;
        let agent = seated.picture.agent.as_ref().expect("an agent");
        assert!(!agent.softphone_enabled, "calls go to the desk phone");
        assert_eq!(agent.extension.as_deref(), Some("+12025550199"), "with that number");
        assert_eq!(agent.language.as_deref(), Some("de_DE"), "in that language");
        let call = fixture.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        let contact = ContactId::from(call.contact_id());
        seated.until_contact(&contact, ContactState::Offered).await;
        call.answer_at_desk_phone().unwrap();
        seated.until_contact(&contact, ContactState::Connected).await;
        let shown = &seated.picture.contacts[&contact];
        assert!(!shown.softphone && !shown.allowed.contains(&ContactAction::Mute), "no media leg, no mute");
        let media = fixture.media(Seat::One).0.calls();
        let is_ready = |call: &MediaCall| matches!(call, MediaCall::Line(_) | MediaCall::Prepare(_));
        let ahead = media.iter().all(|call| is_ready(call) || matches!(call, MediaCall::CloseLine(_)));
        assert!(ahead, "no leg was opened: {media:?}");
        assert!(matches!(media.last(), None | Some(MediaCall::CloseLine(_))), "and none is kept ready: {media:?}");
        seated.leave().await;
    });
}

#[test]
fn a_supervisor_is_silenced_until_barging_in() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let call = fixture.sim.offer_call(OfferCall::to("agent.two")).await.unwrap();
        fixture.sim.accept_for_agent(&call).unwrap();
        let part = fixture.sim.monitor(&call, "agent.one").await.unwrap();
        let contact = ContactId::from(part.contact_id());
        seated.until_contact(&contact, ContactState::Connected).await;
        let key = trunkline_model::ContactKey::new(seated.account.clone(), contact.clone());
        let media = fixture.media(Seat::One).0;
        media.expect(&MediaCall::GoLive(key.clone())).await;
        let at = |call: &MediaCall| media.calls().iter().position(|made| made == call);
        let silenced = at(&MediaCall::MaySpeak(key.clone(), false));
        assert!(silenced.is_some() && silenced < at(&MediaCall::GoLive(key.clone())), "silenced before it hears");
        assert_eq!(at(&MediaCall::MaySpeak(key.clone(), true)), None, "and nothing lets it speak");
        let set = |mode| Command::SetMonitorMode { contact: contact.clone(), mode };
        seated.command(set(MonitorMode::Barge)).await.expect("barging in");
        let barged = |picture: &Picture| picture.contacts[&contact].allowed.contains(&ContactAction::Listen);
        seated.until("barged in", barged).await;
        media.expect(&MediaCall::MaySpeak(key.clone(), true)).await;
        seated.command(set(MonitorMode::Silent)).await.expect("listening again");
        let silent = |picture: &Picture| picture.contacts[&contact].allowed.contains(&ContactAction::BargeIn);
        seated.until("silent", silent).await;
        // Told of the snapshot and told the leg are two tasks.
        let twice = async {
            while media.calls().iter().filter(|made| **made == MediaCall::MaySpeak(key.clone(), false)).count() < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(SOON, twice).await.expect("silenced again");
        call.customer_hangs_up().await.unwrap();
        seated.until_contact(&contact, ContactState::Ended).await;
        assert!(seated.picture.contacts[&contact].state_since > UnixMillis(0), "and it can be cleared");
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("clearing");
        seated.until("gone", |picture| !picture.contacts.contains_key(&contact)).await;
        seated.leave().await;
    });
}
