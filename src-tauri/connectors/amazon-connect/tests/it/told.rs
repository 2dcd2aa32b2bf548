//! What the platform tells of an agent and a contact besides what one works
//! with, and acts on single parties: over the simulator.

use std::collections::BTreeMap;

use trunkline_connector::testing::{ConformanceFixture, Credentials, LogLines, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, Target};
use trunkline_model::{
    AuthenticationState, Connection, ConnectionAction, ConnectionKind, ConnectionState, Contact, ContactId,
    ContactState, Initiation, LinkState, Sight, Subtype,
};
use trunkline_simulators::amazon_connect::{
    AgentOptions, Authentication, Extras, OfferCall, OfferChat, OfferEmail, OfferTask, SimOptions, TurnKind,
};

use crate::support::fixture::Fixture;

async fn seated_with(options: SimOptions, log: &LogLines) -> (Fixture, Seated) {
    let fixture = Fixture::with(SimOptions { turn: TurnKind::Unreachable, ..options }).await;
    fixture.put_credentials(Seat::One, Credentials::Right).await;
    let mut seated = Seated::sit(&fixture, Seat::One, log);
    seated.until_link(LinkState::Online).await;
    (fixture, seated)
}

async fn seated(log: &LogLines) -> (Fixture, Seated) {
    seated_with(SimOptions::default(), log).await
}

async fn offered(seated: &mut Seated, id: &str) -> Contact {
    let contact = ContactId::from(id);
    seated.until_contact(&contact, ContactState::Offered).await;
    seated.picture.contacts[&contact].clone()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_agents_own_id_countries_and_picked_state_are_told() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let agent = seated.picture.agent.clone().unwrap();
        let arn = agent.platform_id.expect("the agent's ARN");
        assert!(arn.starts_with("arn:aws:connect:") && arn.contains("/agent/"), "an agent's: {arn}");
        assert_eq!(agent.dialable_countries, ["CA", "DE", "GB", "US"], "countries, as everybody writes them");
        let picked = agent.picked.expect("a picked state");
        assert_eq!(picked.name, "Available", "what the agent chose last");
        let call = fixture.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        offered(&mut seated, call.contact_id()).await;
        seated.until("reserved", |picture| picture.agent.as_ref().unwrap().state.name == "PendingBusy").await;
        let agent = seated.picture.agent.clone().unwrap();
        assert_eq!(agent.picked, Some(picked), "a call changes the present state, not what was picked");
        seated.leave().await;
    });
}

#[test]
fn a_call_made_from_a_contact_is_related_to_it() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let dial = Command::Dial {
            number: fixture.number(),
            queue: None,
            related: Some(ContactId::from("contact-it-is-about")),
        };
        seated.command(dial).await.expect("calling");
        seated.until("the call", |picture| !picture.contacts.is_empty()).await;
        let contact = seated.picture.contacts.values().next().unwrap();
        assert_eq!(contact.details.related, Some(ContactId::from("contact-it-is-about")), "the platform has it");
        assert_eq!(contact.details.initiation, Some(Initiation::Outbound), "made by the agent");
        seated.leave().await;
    });
}

#[test]
fn where_a_call_comes_from_and_what_it_can_do_is_told() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let extras = Extras {
            initial: Some("contact-before".to_owned()),
            related: Some("contact-beside".to_owned()),
            subtype: Some("connect:WebRTC".to_owned()),
            segment: texts(&[("connect:X", "one"), ("own", "two")]),
            metadata: texts(&[("shelf", "12")]),
            screen_recorded: true,
            customer_video: true,
            customer_screen: true,
            ..Extras::default()
        };
        let call = fixture.sim.offer_call(OfferCall { extras, ..OfferCall::to("agent.one") }).await.unwrap();
        let contact = offered(&mut seated, call.contact_id()).await;
        let details = &contact.details;
        assert_eq!(details.initial, Some(ContactId::from("contact-before")), "the chain it continues");
        assert_eq!(details.related, Some(ContactId::from("contact-beside")), "what it is about");
        assert_eq!(details.association, None, "it is grouped with nothing but itself");
        assert_eq!(details.initiation, Some(Initiation::Inbound), "the customer called");
        assert_eq!(details.subtype, Some(Subtype::WebCall), "from a web page");
        let reached = details.reached.as_ref().and_then(|party| party.address.as_deref());
        assert_eq!(reached, Some("+18005550100"), "our number");
        assert_eq!(details.features.screen_recorded, Some(true), "the screen is recorded");
        let named: Vec<_> = details.segment.iter().map(|a| (a.name.as_str(), a.value.as_str())).collect();
        assert_eq!(named, [("X", "one"), ("own", "two")], "without what has members of its own");
        assert_eq!((details.metadata[0].name.as_str(), details.metadata[0].value.as_str()), ("shelf", "12"));
        assert!(details.video, "a video call is told apart");
        let customer = contact.initial_connection().unwrap();
        assert_eq!(customer.sends, [Sight::Video, Sight::Screen].into(), "what the customer can send");
        assert!(contact.agent_connection().unwrap().sends.is_empty(), "and the agent cannot");
        seated.leave().await;
    });
}

#[test]
fn a_plain_call_tells_nothing_that_is_not_so() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let call = fixture.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        let contact = offered(&mut seated, call.contact_id()).await;
        assert!(!contact.details.video, "no video call");
        assert_eq!(contact.details.related, None, "about no other contact");
        assert_eq!(contact.details.subtype, Some(Subtype::Telephone), "a telephone call");
        assert!(contact.connections.iter().all(|leg| leg.sends.is_empty()), "speech only");
        seated.leave().await;
    });
}

#[test]
fn how_a_contact_began_and_who_has_signed_in_is_told() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let ways = [
            ("callback_customer_first_queued", Initiation::CallbackCustomerFirst),
            ("campaign_preview", Initiation::CampaignPreview),
            ("something_new", Initiation::Unknown("something_new".to_owned())),
        ];
        for (wire, expected) in ways {
            let authentication = Authentication {
                status: "TIMEOUT".to_owned(),
                customer: "customer-7".to_owned(),
                provider: "Example ID".to_owned(),
            };
            let extras = Extras {
                initiation: Some(wire.to_owned()),
                authentication: Some(authentication),
                subtype: Some("connect:SMS".to_owned()),
                ..Extras::default()
            };
            let offer = OfferChat { extras, agent: "agent.one".to_owned(), ..OfferChat::default() };
            let chat = fixture.sim.offer_chat(offer).await.unwrap();
            let contact = offered(&mut seated, chat.contact_id()).await;
            assert_eq!(contact.details.initiation, Some(expected), "{wire}");
            assert_eq!(contact.details.subtype, Some(Subtype::Sms), "text messages");
            let seen = contact.details.authentication.clone().expect("it was tried");
            assert_eq!(seen.state, AuthenticationState::TimedOut, "the customer was too slow");
        }
        seated.leave().await;
    });
}

#[test]
fn auto_accept_is_told_of_every_channel() {
    run(async |log| {
        let auto = AgentOptions {
            chat_auto_accept: true,
            task_auto_accept: true,
            email_auto_accept: true,
            ..AgentOptions::one()
        };
        let options = SimOptions { agents: vec![auto, AgentOptions::two()], ..SimOptions::default() };
        let (fixture, mut seated) = seated_with(options, &log).await;
        let to = "agent.one".to_owned();
        let chat = fixture.sim.offer_chat(OfferChat { agent: to, ..OfferChat::default() }).await.unwrap();
        let task = fixture.sim.offer_task(OfferTask::default()).await.unwrap();
        let email = fixture.sim.offer_email(OfferEmail::to("agent.one")).await.unwrap();
        for id in [chat.contact_id(), task.contact_id(), email.contact_id()] {
            let contact = ContactId::from(id);
            seated.until("it is there", |picture| picture.contacts.contains_key(&contact)).await;
            let shown = &seated.picture.contacts[&contact];
            assert!(shown.auto_accept, "the platform takes it by itself: {:?}", shown.channel);
        }
        seated.leave().await;
    });
}

#[test]
fn since_when_a_supervisor_listens_is_told() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let call = fixture.sim.offer_call(OfferCall::to("agent.two")).await.unwrap();
        fixture.sim.accept_for_agent(&call).unwrap();
        let part = fixture.sim.monitor(&call, "agent.one").await.unwrap();
        let contact = ContactId::from(part.contact_id());
        seated.until_contact(&contact, ContactState::Connected).await;
        let shown = seated.picture.contacts[&contact].clone();
        let monitoring = shown.monitoring.expect("it is supervised");
        let since = monitoring.since.expect("since when");
        assert!((since.0 - shown.state_since.0).abs() < 60_000, "by this computer's clock");
        seated.leave().await;
    });
}

fn third(contact: &Contact) -> Option<&Connection> {
    let there = |leg: &&Connection| leg.kind == ConnectionKind::ThirdParty && leg.state == ConnectionState::Connected;
    contact.connections.iter().find(there)
}

#[test]
fn a_party_is_muted_for_everybody_and_heard_again() {
    run(async |log| {
        let (fixture, mut seated) = seated(&log).await;
        let call = fixture.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        let contact = ContactId::from(call.contact_id());
        seated.until_contact(&contact, ContactState::Offered).await;
        seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting");
        seated.until_contact(&contact, ContactState::Connected).await;
        let customer = seated.picture.contacts[&contact].initial_connection().unwrap().id.clone();
        let mute = |connection: &trunkline_model::ConnectionId, muted| Command::MuteParty {
            contact: contact.clone(),
            connection: connection.clone(),
            muted,
        };
        let refused = seated.command(mute(&customer, true)).await.expect_err("only two are talking");
        assert_eq!(refused.code, CommandCode::NotPossible, "said before anything is sent");

        let target = Target::Number { number: fixture.number() };
        seated
            .command(Command::AddParty { contact: contact.clone(), target, note: String::new() })
            .await
            .expect("calling a third");
        seated.until("the third party", |picture| third(&picture.contacts[&contact]).is_some()).await;
        seated.command(Command::Conference { contact: contact.clone() }).await.expect("together");
        let party = third(&seated.picture.contacts[&contact]).unwrap().id.clone();
        seated.command(mute(&party, true)).await.expect("muting");
        let leg = |picture: &trunkline_connector::testing::Picture| {
            third(&picture.contacts[&contact]).cloned().expect("the third party stays")
        };
        seated.until("muted", |picture| leg(picture).muted_by_platform).await;
        let shown = leg(&seated.picture);
        assert!(!shown.mute_forced, "not by force");
        assert!(shown.allowed.contains(&ConnectionAction::Unmute), "and it can be taken back");
        seated.command(mute(&party, false)).await.expect("heard again");
        seated.until("heard again", |picture| !leg(picture).muted_by_platform).await;
        seated.leave().await;
    });
}
