//! One call after the other, as an agent lives them.

use crate::cast::*;
use trunkline_connector::{CommandCode, CommandError, Event};
use trunkline_desk::{CommandKind, Effect, Input, MediaNews, Sending, TrayState};
use trunkline_model::{
    Channel, Connection, ConnectionId, ConnectionKind, ConnectionState, ContactState, LinkState, MediaFailure,
    MediaState, NoticeAction, Outcome, Party, UnixMillis,
};

#[test]
fn a_call_from_offer_to_history() {
    let mut scene = Scene::new();
    assert_eq!(scene.desk.tray(), TrayState::Ready, "an available agent shows as ready");
    assert_eq!(words(&scene.call("c1", ContactState::Offered)), ["ring c1", "show c1"], "an offer rings and shows");
    assert_eq!(scene.desk.tray(), TrayState::Ringing, "ringing is the most urgent picture");
    assert!(scene.media("c1", MediaNews::State(MediaState::Connecting)).is_empty(), "media comes up without devices");
    scene.media("c1", MediaNews::State(MediaState::Ready));

    let (accept, effects) = scene.press(CommandKind::Accept, Some("c1"), None);
    assert_eq!(words(&effects), ["silence c1", "withdraw c1", "open c1"], "accepting silences and opens at once");
    assert_eq!(scene.desk.contact(&key("c1")).unwrap().pending.len(), 1, "the press shows until it is confirmed");
    assert!(scene.settle(&accept, Ok(())).is_empty(), "the platform's yes alone changes nothing outside");
    assert!(scene.desk.offers().is_empty(), "an accepted offer does not come back before the platform says connected");

    assert!(words(&scene.call("c1", ContactState::Connected)).is_empty(), "devices are open already");
    scene.media("c1", MediaNews::State(MediaState::Live));
    scene.media("c1", MediaNews::Sending(Sending::Sound));
    let view = scene.desk.contact(&key("c1")).unwrap();
    assert!(view.pending.is_empty(), "the seen effect confirms the command");
    assert!(view.accepted_at.unwrap() <= view.connected_at.unwrap(), "accepted before connected");
    assert_eq!(scene.desk.tray(), TrayState::InCall, "a live call shows");

    let effects = scene.call("c1", ContactState::Ended);
    assert_eq!(words(&effects), ["release c1", "write c1"], "the end releases the devices and writes the history");
    assert_eq!(scene.desk.tray(), TrayState::WrapUp, "after-contact work shows");
    let Some(Effect::WriteHistory(entry)) = effects.last() else { panic!("history is written") };
    assert_eq!(entry.outcome, Some(Outcome::Handled), "nobody said who hung up");
    let effects = scene.media("c1", MediaNews::Closed(Box::new(summary())));
    assert_eq!(words(&effects), ["write c1"], "the call summary is added when it comes");
    let effects = scene.gone("c1", None);
    assert_eq!(words(&effects), ["write c1"], "clearing adds how long the after-contact work took");
    let Some(Effect::WriteHistory(entry)) = effects.last() else { panic!("history is written") };
    assert!(entry.wrap_up_ms.is_some() && entry.summary.is_some(), "and keeps what was written before");
    assert!(scene.desk.snapshot().contacts.is_empty(), "a cleared contact leaves the desk");
    assert!(scene.told().is_empty(), "a good call leaves no message");
}

#[test]
fn a_duplicate_offer_rings_once_and_new_content_shows_again() {
    let mut scene = Scene::new();
    let offer = call("c1", ContactState::Offered, START);
    scene.contact(offer.clone());
    assert!(scene.contact(offer.clone()).is_empty(), "the same again does nothing");
    let mut renamed = offer;
    renamed.customer.name = Some("Customer Two".to_owned());
    assert_eq!(words(&scene.contact(renamed)), ["show c1"], "new content refreshes what is shown, without a new ring");
}

#[test]
fn a_failed_accept_rings_again_and_says_why() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    let (accept, _) = scene.press(CommandKind::Accept, Some("c1"), None);
    let effects = scene.settle(&accept, refused("line busy"));
    assert_eq!(words(&effects), ["ring c1", "show c1"], "the offer still stands, so it rings again");
    let notice = scene.desk.snapshot().notices.remove(0);
    assert_eq!(notice.message_key, "notice_command_failed_accept", "the agent is told");
    assert_eq!(notice.params["detail"], "line busy", "with the platform's words");
    assert_eq!(scene.desk.contact(&key("c1")).unwrap().accepted_at, None, "it was not accepted after all");
    let (accept, _) = scene.press(CommandKind::Accept, Some("c1"), None);
    scene.settle(&accept, Ok(()));
    assert!(scene.told().is_empty(), "the next success withdraws the message");
}

#[test]
fn an_accept_without_an_effect_lapses_and_rings_again() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    let (accept, _) = scene.press(CommandKind::Accept, Some("c1"), None);
    assert!(scene.wait(9).is_empty(), "the platform has time to answer");
    assert_eq!(words(&scene.wait(2)), ["ring c1", "show c1"], "silence for ten seconds brings the offer back");
    assert_eq!(scene.told(), ["notice_command_unconfirmed_accept"], "and the agent is told");
    scene.settle(&accept, Err(CommandError::new(CommandCode::Timeout, "late")));
    assert_eq!(scene.told(), ["notice_command_unconfirmed_accept"], "a late time-out says nothing new");
    scene.call("c1", ContactState::Connected);
    assert!(scene.told().is_empty(), "being connected after all withdraws it");
}

#[test]
fn the_customer_hanging_up_while_it_rings_ends_the_ring_and_is_told() {
    for by_state in [true, false] {
        let mut scene = Scene::new();
        scene.call("c1", ContactState::Offered);
        let effects = if by_state {
            let mut contact = call("c1", ContactState::Ended, START + 50);
            contact.outcome = Some(Outcome::Abandoned);
            scene.contact(contact)
        } else {
            scene.gone("c1", Some(Outcome::Abandoned))
        };
        assert_eq!(words(&effects)[..2], ["silence c1", "withdraw c1"], "the ring ends in the same step");
        assert!(words(&effects).contains(&"write c1".to_owned()), "the history has it");
        assert_eq!(scene.told(), ["notice_customer_hung_up_while_ringing"], "the agent is told once");
        scene.gone("c1", Some(Outcome::Abandoned));
        assert_eq!(scene.told(), ["notice_customer_hung_up_while_ringing"], "and it stays when the contact goes");
    }
}

#[test]
fn a_missed_call_is_told_and_a_new_offer_of_the_same_contact_rings() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    assert_eq!(words(&scene.call("c1", ContactState::Missed))[..2], ["silence c1", "withdraw c1"], "missed is silent");
    assert_eq!(scene.told(), ["notice_missed"], "the agent is told");
    let stale = call("c1", ContactState::Offered, START);
    assert!(
        !words(&scene.contact(stale)).contains(&"ring c1".to_owned()),
        "a late duplicate of the old offer is silent"
    );
    scene.call("c1", ContactState::Missed);
    assert_eq!(words(&scene.call("c1", ContactState::Offered)), ["ring c1", "show c1"], "a newer offer is a new round");
}

#[test]
fn a_second_call_knocks_and_busy_marks_follow_the_live_call() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    assert_eq!(words(&scene.call("c2", ContactState::Offered)), ["knock c2", "show c2"], "only a knock in a live call");
    assert!(scene.desk.contact(&key("c2")).unwrap().while_busy, "the offer says that another call is live");
    assert!(!scene.desk.contact(&key("c1")).unwrap().while_busy, "the live call itself is not marked");
    scene.call("c1", ContactState::Ended);
    assert!(!scene.desk.contact(&key("c2")).unwrap().while_busy, "the mark goes with the live call");
}

#[test]
fn a_first_picture_rings_for_an_offer_and_not_for_a_call() {
    let mut scene = Scene::new();
    scene.event(Event::ResyncStart);
    assert_eq!(words(&scene.call("c1", ContactState::Connected)), ["open c1"], "a call that is on goes on, silently");
    assert_eq!(words(&scene.call("c2", ContactState::Offered)), ["knock c2", "show c2"], "an offer rings");
    assert!(scene.event(Event::ResyncEnd).is_empty(), "everything was repeated");
}

#[test]
fn a_resync_drops_what_is_not_repeated_and_keeps_what_is() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    scene.call("c2", ContactState::Connected);
    let before = scene.desk.contact(&key("c2")).cloned();
    assert!(scene.event(link(LinkState::Offline)).is_empty(), "a lost link ends nothing");
    assert_eq!(scene.desk.snapshot().contacts.len(), 2, "contacts stay while the link is down");
    assert!(scene.desk.account(&one()).unwrap().agent.is_some(), "so does the agent");
    scene.event(Event::ResyncStart);
    scene.contact(before.clone().unwrap().contact);
    let effects = scene.event(Event::ResyncEnd);
    assert_eq!(
        words(&effects),
        ["silence c1", "withdraw c1", "release c1", "write c1"],
        "what is gone is gone outside"
    );
    assert_eq!(scene.desk.contact(&key("c2")).cloned(), before, "what was repeated keeps its times");
}

#[test]
fn an_automatically_accepted_call_plays_a_cue_and_does_not_ring() {
    let mut scene = Scene::new();
    let mut contact = call("c1", ContactState::Offered, START);
    contact.auto_accept = true;
    assert_eq!(words(&scene.contact(contact.clone())), ["cue c1"], "one cue");
    contact.state = ContactState::Connected;
    assert_eq!(words(&scene.contact(contact)), ["open c1"], "devices open when the platform has connected it");
}

#[test]
fn a_contact_of_any_medium_that_is_accepted_by_itself_plays_a_cue_instead_of_ringing() {
    for channel in [Channel::Chat, Channel::Task, Channel::Email, Channel::Unknown("fax".to_owned())] {
        let mut scene = Scene::new();
        let mut contact = call("c1", ContactState::Offered, START);
        (contact.channel, contact.softphone, contact.auto_accept) = (channel.clone(), false, true);
        assert_eq!(
            words(&scene.contact(contact.clone())),
            ["cue c1"],
            "{channel:?}: one short tone, no ring, no offer"
        );
        assert!(scene.desk.offers().is_empty(), "{channel:?}: there is nothing to accept");
        assert!(words(&scene.contact(contact.clone())).is_empty(), "{channel:?}: told again it plays no second time");
        contact.state = ContactState::Connected;
        assert!(words(&scene.contact(contact)).is_empty(), "{channel:?}: and the platform takes it");
    }
}

#[test]
fn a_contact_that_the_platform_was_to_take_and_does_not_take_rings_after_all() {
    for channel in [Channel::Voice, Channel::Chat, Channel::Task, Channel::Email] {
        let mut scene = Scene::new();
        let mut contact = call("c1", ContactState::Offered, START);
        (contact.channel, contact.auto_accept) = (channel.clone(), true);
        assert_eq!(words(&scene.contact(contact.clone())), ["cue c1"], "{channel:?}: the tone comes at once");
        assert!(scene.desk.wants_ticks(), "{channel:?}: time is watched");
        assert!(words(&scene.wait(4)).is_empty(), "{channel:?}: the platform gets some seconds");
        assert_eq!(words(&scene.wait(3)), ["ring c1", "show c1"], "{channel:?}: then the agent is asked");
        assert!(words(&scene.contact(contact.clone())).is_empty(), "{channel:?}: it stays so when told again");
        contact.state = ContactState::Connected;
        let taken = words(&scene.contact(contact));
        assert_eq!(taken[..2], ["silence c1", "withdraw c1"], "{channel:?}: taken late it stops: {taken:?}");
    }
}

#[test]
fn the_tray_leads_to_the_contact_that_the_agent_works_on() {
    let mut scene = Scene::new();
    let shown = |scene: &Scene| scene.desk.tray_picture().contact.map(|(key, _)| key);
    assert_eq!(shown(&scene), None, "there is nobody");
    let mut chat = call("c1", ContactState::Offered, START);
    (chat.channel, chat.softphone) = (Channel::Chat, false);
    scene.contact(chat.clone());
    assert_eq!(shown(&scene), Some(key("c1")), "an offer, while there is nothing else");
    scene.call("c2", ContactState::Connected);
    assert_eq!(shown(&scene), Some(key("c2")), "the call comes first");
    chat.state = ContactState::Connected;
    scene.contact(chat);
    assert_eq!(shown(&scene), Some(key("c2")), "also before a chat that is older");
    scene.call("c2", ContactState::Ended);
    assert_eq!(shown(&scene), Some(key("c1")), "then what is left");
    let (_, customer) = scene.desk.tray_picture().contact.unwrap();
    assert_eq!(customer.name.as_deref(), Some("Customer One"), "with the customer's name");
}

#[test]
fn devices_open_again_for_a_leg_that_comes_after_the_accept() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    scene.press(CommandKind::Accept, Some("c1"), None);
    let effects = scene.media("c1", MediaNews::State(MediaState::Connecting));
    assert_eq!(words(&effects), ["open c1"], "a leg made after the accept gets its devices too");
}

#[test]
fn mute_outlives_hold_resync_and_a_second_call_and_a_new_call_starts_open() {
    let mut scene = Scene::new();
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    scene.call("c1", ContactState::Connected);
    scene.media("c1", MediaNews::State(MediaState::Live));
    scene.media("c1", MediaNews::MuteWanted(true));
    assert_eq!(scene.desk.tray(), TrayState::Muted, "the tray shows it");
    let mut held = scene.desk.contact(&key("c1")).unwrap().contact.clone();
    held.on_hold = true;
    scene.contact(held.clone());
    held.on_hold = false;
    scene.contact(held.clone());
    scene.event(Event::ResyncStart);
    scene.contact(held);
    scene.event(Event::ResyncEnd);
    scene.media("c2", MediaNews::State(MediaState::Connecting));
    scene.call("c2", ContactState::Offered);
    scene.media("c1", MediaNews::State(MediaState::Reconnecting));
    scene.media("c1", MediaNews::State(MediaState::Live));
    assert!(scene.desk.contact(&key("c1")).unwrap().media.as_ref().unwrap().mute_wanted, "still muted");
    assert!(!scene.desk.contact(&key("c2")).unwrap().media.as_ref().unwrap().mute_wanted, "another call is not");
    scene.media("c1", MediaNews::Failed(MediaFailure::PathLost, None));
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    assert!(
        scene.desk.contact(&key("c1")).unwrap().media.as_ref().unwrap().mute_wanted,
        "a leg built anew stays muted"
    );
}

#[test]
fn hold_is_timed_by_the_platform_and_pending_until_seen() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    let (hold, _) = scene.press(CommandKind::Hold, Some("c1"), None);
    assert_eq!(scene.desk.contact(&key("c1")).unwrap().pending[0].kind, CommandKind::Hold, "shown as on its way");
    let mut held = scene.desk.contact(&key("c1")).unwrap().contact.clone();
    held.on_hold = true;
    held.connections.push(Connection {
        id: ConnectionId::from("leg-1"),
        kind: ConnectionKind::Initial,
        state: ConnectionState::Hold,
        state_since: Some(UnixMillis(START + 5)),
        party: Party::default(),
        muted_by_platform: false,
        mute_forced: false,
        sends: std::collections::BTreeSet::new(),
        allowed: Default::default(),
    });
    scene.contact(held);
    let view = scene.desk.contact(&key("c1")).unwrap();
    assert_eq!(view.hold_since, Some(UnixMillis(START + 5)), "since when the platform says");
    assert!(view.pending.is_empty(), "the seen effect confirms it");
    scene.settle(&hold, refused("too late"));
    assert!(scene.told().is_empty(), "a failure after the seen effect is no failure");
    let (resume, _) = scene.press(CommandKind::Resume, Some("c1"), None);
    scene.settle(&resume, refused("not now"));
    assert_eq!(scene.told(), ["notice_command_failed_resume"], "a refused resume is told");
}

#[test]
fn digits_accumulate_and_unsent_ones_are_taken_back() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    let (first, _) = scene.press(CommandKind::Digits, Some("c1"), Some("12"));
    let (second, _) = scene.press(CommandKind::Digits, Some("c1"), Some("#"));
    scene.settle(&first, Ok(()));
    assert_eq!(scene.desk.contact(&key("c1")).unwrap().digits, "12#", "digits show as they are pressed");
    scene.settle(&second, refused("no"));
    assert_eq!(scene.desk.contact(&key("c1")).unwrap().digits, "12", "what was not sent is not shown");
}

#[test]
fn a_wanted_state_is_pending_until_the_agent_is_in_it() {
    let mut scene = Scene::new();
    let (set, _) = scene.press(CommandKind::SetState, None, Some("Lunch"));
    scene.settle(&set, Ok(()));
    assert_eq!(scene.desk.account(&one()).unwrap().pending_state.as_deref(), Some("Lunch"), "not seen yet");
    scene.event(Event::Agent(Box::new(agent_in(trunkline_model::AgentStateKind::NotRoutable, "Lunch"))));
    assert_eq!(scene.desk.account(&one()).unwrap().pending_state, None, "seen");
    assert_eq!(scene.desk.tray(), TrayState::NotReady, "and the tray follows");
}

#[test]
fn a_media_failure_is_told_while_the_call_lives_and_withdrawn_when_mended() {
    let mut scene = Scene::new();
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    scene.media("c1", MediaNews::Failed(MediaFailure::IceGatheringTimeout, None));
    assert!(scene.told().is_empty(), "nothing is told of a contact that is not known yet");
    scene.call("c1", ContactState::Offered);
    assert_eq!(scene.told(), ["notice_media_ice_gathering_timeout"], "it is told as soon as the contact is known");
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    assert!(scene.told().is_empty(), "a new try withdraws it");
    scene.call("c1", ContactState::Connected);
    scene.media("c1", MediaNews::State(MediaState::Live));
    scene.media("c1", MediaNews::State(MediaState::Reconnecting));
    assert_eq!(scene.told(), ["notice_path_lost"], "a broken path is told");
    scene.media("c1", MediaNews::State(MediaState::Live));
    assert_eq!(scene.told(), ["notice_path_restored"], "and its mending, in its place");
    scene.wait(31);
    assert!(scene.told().is_empty(), "good news goes by itself");
    scene.media("c1", MediaNews::Failed(MediaFailure::PathLost, None));
    assert_eq!(scene.desk.tray(), TrayState::Trouble, "a call without sound is trouble");
    scene.gone("c1", None);
    assert!(scene.told().is_empty(), "its messages go with the contact");
}

#[test]
fn a_call_that_goes_straight_from_connected_is_in_the_history_with_its_late_summary() {
    let mut scene = Scene::new();
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    scene.call("c1", ContactState::Connected);
    scene.press(CommandKind::End, Some("c1"), None);
    let effects = scene.gone("c1", None);
    assert_eq!(words(&effects), ["release c1", "write c1"], "released and written as it goes");
    let Some(Effect::WriteHistory(entry)) = effects.last() else { panic!("history is written") };
    assert_eq!(entry.outcome, Some(Outcome::EndedByAgent), "the agent pressed End");
    let effects = scene.media("c1", MediaNews::Closed(Box::new(summary())));
    let [Effect::WriteHistory(entry)] = effects.as_slice() else { panic!("written again with the summary") };
    assert_eq!(entry.summary, Some(summary()), "the late summary is kept");
    assert_eq!(entry.outcome, Some(Outcome::EndedByAgent), "beside what was known");
}

#[test]
fn signing_in_is_asked_for_once_and_withdrawn_when_online() {
    let mut scene = Scene::new();
    scene.event(link(LinkState::NeedsSignIn));
    let notice = scene.desk.snapshot().notices.remove(0);
    assert_eq!(notice.message_key, "notice_sign_in_needed", "the agent must act");
    assert_eq!(notice.action, Some(NoticeAction::SignIn), "with a button to do it");
    scene.apply(Input::NoticeDismissed(notice.id));
    scene.event(link(LinkState::NeedsSignIn));
    assert!(scene.told().is_empty(), "put away, it stays away while nothing changes");
    scene.event(link(LinkState::Online));
    scene.event(link(LinkState::NeedsSignIn));
    scene.event(link(LinkState::Online));
    assert!(scene.told().is_empty(), "online withdraws it");
}

#[test]
fn removing_an_account_gives_everything_back_and_leaves_the_other_alone() {
    let mut scene = Scene::new();
    scene.apply(added(two(), 1));
    scene.call("c1", ContactState::Offered);
    let other = call("c1", ContactState::Offered, START);
    let effects = scene.event_of(two(), Event::Contact(Box::new(other)));
    assert_eq!(words(&effects), ["ring c1", "show c1"], "the same contact id on another account is another contact");
    let effects = scene.apply(Input::AccountRemoved(one())).effects;
    let expected = ["silence c1", "withdraw c1", "release c1", "write c1", "forget account-one"];
    assert_eq!(words(&effects), expected, "everything is given back");
    assert_eq!(scene.desk.offers().len(), 1, "the other account still rings");
    assert!(scene.call("c9", ContactState::Offered).is_empty(), "late events of the removed account do nothing");
}

#[test]
fn an_offer_whose_time_ran_out_unheard_of_stops_ringing() {
    let mut scene = Scene::new();
    let mut offer = call("c1", ContactState::Offered, START);
    offer.offer_expires = Some(UnixMillis(START + 20_000));
    scene.contact(offer);
    scene.event(link(LinkState::Offline));
    assert!(scene.wait(24).is_empty(), "it rings while it may still be taken");
    assert_eq!(words(&scene.wait(3)), ["silence c1", "withdraw c1"], "and not for ever on a dead link");
    assert!(scene.desk.contact(&key("c1")).is_some(), "the contact stays until the platform speaks");
}

#[test]
fn chats_ring_too_and_have_no_devices() {
    let mut scene = Scene::new();
    let mut chat = call("c1", ContactState::Offered, START);
    chat.channel = Channel::Chat;
    chat.softphone = false;
    assert_eq!(words(&scene.contact(chat)), ["ring c1", "show c1"], "a chat must not pass unnoticed");
    let (_, effects) = scene.press(CommandKind::Accept, Some("c1"), None);
    assert_eq!(words(&effects), ["silence c1", "withdraw c1"], "no microphone for a chat");
}

#[test]
fn two_accounts_with_the_same_cause_have_two_notices_and_there_are_never_too_many() {
    let mut scene = Scene::new();
    scene.apply(added(two(), 1));
    let notice = trunkline_model::Notice {
        id: "slow".to_owned(),
        level: trunkline_model::NoticeLevel::Warning,
        message_key: "notice_slow".to_owned(),
        params: no_params(),
        account: None,
        contact: None,
        action: None,
        at: UnixMillis(START),
    };
    scene.event(Event::Notice(notice.clone()));
    scene.event_of(two(), Event::Notice(notice.clone()));
    scene.event(Event::Notice(notice.clone()));
    assert_eq!(scene.told().len(), 2, "one an account, however often it is raised");
    scene.event(Event::NoticeGone("slow".to_owned()));
    assert_eq!(scene.desk.snapshot().notices[0].account, Some(two()), "each withdraws its own");
    for number in 0..80 {
        let level = trunkline_model::NoticeLevel::Info;
        scene.apply(Input::Notice(trunkline_model::Notice { id: format!("info-{number}"), level, ..notice.clone() }));
    }
    let notices = scene.desk.snapshot().notices;
    assert_eq!(notices.len(), trunkline_desk::NOTICES_KEPT, "messages never pile up");
    assert_eq!(notices[0].message_key, "notice_slow", "information makes room, not the warning");
}

#[test]
fn a_media_leg_that_fails_says_which_server_did_not_answer() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Offered);
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    let relay = "turn:relay.example:3478?transport=udp";
    scene.media("c1", MediaNews::Failed(MediaFailure::IceGatheringTimeout, Some(relay.to_owned())));
    assert_eq!(scene.told(), ["notice_media_ice_gathering_timeout_at"], "the words with room for it");
    let notice = scene.desk.snapshot().notices.remove(0);
    assert_eq!(notice.params.get("address").map(String::as_str), Some(relay), "and the server in them");
    scene.media("c1", MediaNews::State(MediaState::Connecting));
    scene.media("c1", MediaNews::Failed(MediaFailure::PathLost, Some(relay.to_owned())));
    assert_eq!(scene.told(), ["notice_media_path_lost"], "where it explains nothing it is left out");
}
