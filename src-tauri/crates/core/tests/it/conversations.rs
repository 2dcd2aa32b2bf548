//! Chats from the panel's commands to the customer and back, through restarts
//! of the program and bad weather.

use std::time::Duration;

use crate::chatting::{AGENT, Panel, SOON, Talk, received, tokens};
use serde_json::json;
use trunkline_desk::{DeskSnapshot, Download, OutgoingState};
use trunkline_model::{AttachmentState, AuthorRole, ContactState, ConversationState, Delivery, Message, MessageBody};
use trunkline_rpc::RpcCode;
use trunkline_simulators::amazon_connect::{AmazonConnectSim, Fault, FrameFault, OfferCall, OfferChat, SimOptions};

fn failed(reason: &str) -> OutgoingState {
    OutgoingState::Failed { reason: reason.to_owned() }
}

fn told(desk: &DeskSnapshot, key: &str) -> Vec<String> {
    let notices = desk.notices.iter().filter(|notice| notice.message_key == key);
    notices.map(|notice| notice.params["text"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_go_both_ways_in_order_and_as_they_are() {
    let panel = Panel::open().await;
    let script = "<img src=x onerror=\"alert(1)\"> & </script><script>document.title='x'</script> &lt;b&gt; \u{202e}";
    let offer = OfferChat { first_words: Some("My parcel is late".to_owned()), ..OfferChat::to(AGENT) };
    let (chat, talk) = panel.chat_of(offer).await;
    chat.expect_acknowledged(SOON).await.expect("the platform knows that the agent is there");
    let desk = panel.until("the first words", |desk| talk.words(desk).len() == 1).await;
    assert_eq!(talk.words(&desk), [(AuthorRole::Customer, "My parcel is late".to_owned())], "what was said before");

    panel.send(&talk, "Which one?").await.expect("sending");
    chat.wait_for_message("Which one?", SOON).await.expect("the customer has it");
    chat.say(script).unwrap();
    panel.until("the answer", |desk| talk.texts(desk, AuthorRole::Customer).len() == 2).await;
    for text in [script, "one", "two", "  three\nlines\n\nof it  "] {
        panel.send(&talk, text).await.expect("sending");
    }
    chat.wait_for_message("  three\nlines\n\nof it  ", SOON).await.expect("the last one");
    assert_eq!(
        received(&chat),
        ["Which one?", script, "one", "two", "  three\nlines\n\nof it  "],
        "in order, verbatim"
    );
    assert_eq!(tokens(&chat), 5, "each under a name of its own");
    let desk = panel.until("nothing unsent", |desk| talk.all_sent(desk)).await;
    let shown: Vec<String> = talk.words(&desk).into_iter().map(|(_, text)| text).collect();
    let all = ["My parcel is late", "Which one?", script, script, "one", "two", "  three\nlines\n\nof it  "];
    assert_eq!(shown, all, "and so it stands in the panel, by the platform's order");
    let is_own =
        |message: &&Message| message.author.role == AuthorRole::Me && matches!(message.body, MessageBody::Text { .. });
    let own = talk.messages(&desk).into_iter().filter(is_own);
    assert!(own.clone().all(|message| message.token.is_some()), "each of ours knows its token");
    assert!(own.clone().all(|message| message.delivery == Some(Delivery::Sent)), "each is marked as sent");

    for (text, key) in [("", "error_message_empty"), (" \n\t", "error_message_empty")] {
        assert_eq!(panel.send(&talk, text).await.unwrap_err().message_key, key, "{text:?}");
    }
    let error = panel.send(&talk, &"ö".repeat(513)).await.unwrap_err();
    assert_eq!((error.code, error.message_key.as_str()), (RpcCode::Invalid, "error_message_too_long"), "by bytes");
    panel.send(&talk, &"ö".repeat(512)).await.expect("exactly the limit is taken");
    chat.wait_for_message(&"ö".repeat(512), SOON).await.expect("whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_receipts_and_what_is_unread() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    let unread = |desk: &DeskSnapshot| talk.view(desk).map(|view| view.unread);
    let first = chat.say("one").unwrap();
    // The platform's times have milliseconds: two people's words are never closer than that.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let second = chat.say("two").unwrap();
    panel.until("two unread", |desk| unread(desk) == Some(2)).await;
    chat.wait_for_receipt(&second, false, SOON).await.expect("the customer learns that they have arrived");
    assert!(!chat.receipts_seen().iter().any(|(_, read)| *read), "but not that they were read: nobody has looked");
    let read = |id: &str| json!({"contact": talk.key, "message": id});
    panel.call("conversation_read", read(&first)).await.expect("looked at one");
    panel.until("one unread", |desk| unread(desk) == Some(1)).await;
    panel.call("conversation_read", read(&second)).await.expect("looked at the other");
    panel.until("none unread", |desk| unread(desk) == Some(0)).await;
    panel.call("conversation_read", read(&first)).await.expect("a late word of an earlier one");
    assert_eq!(unread(&panel.desk()), Some(0), "reading does not go back");
    chat.wait_for_receipt(&second, true, SOON).await.expect("the customer sees that it was read");

    panel.call("conversation_typing", json!({"contact": talk.key})).await.expect("typing");
    chat.wait_for_typing(1, SOON).await.expect("the customer sees that the agent types");
    chat.typing().unwrap();
    panel.until("the customer's typing", |desk| talk.view(desk).unwrap().conversation.typing.len() == 1).await;
    chat.say("three").unwrap();
    panel.until("no typing after words", |desk| talk.view(desk).unwrap().conversation.typing.is_empty()).await;
    assert_eq!(unread(&panel.desk()), Some(1), "the new one is unread");

    panel.send(&talk, "an answer").await.expect("sending");
    let answer = chat.wait_for_message("an answer", SOON).await.unwrap();
    let is = |desk: &DeskSnapshot, delivery| talk.message(desk, &answer.id).and_then(|m| m.delivery) == Some(delivery);
    chat.mark_delivered(&answer.id).unwrap();
    panel.until("delivered", |desk| is(desk, Delivery::Delivered)).await;
    chat.mark_read(&answer.id).unwrap();
    panel.until("read by the customer", |desk| is(desk, Delivery::Read)).await;
    assert_eq!(unread(&panel.desk()), Some(1), "own words are not unread");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_and_what_was_read_outlive_the_program() {
    let mut panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    let first = chat.say("seen").unwrap();
    panel.until("the first", |desk| talk.message(desk, &first).is_some()).await;
    panel.call("conversation_read", json!({"contact": talk.key, "message": first})).await.unwrap();
    let draft = "Dear <b>Customer</b>,\n";
    panel.call("conversation_draft", json!({"contact": talk.key, "text": draft})).await.expect("kept");
    panel.until("the draft", |desk| talk.view(desk).unwrap().draft == draft).await;
    panel.settle().await;
    panel.kill().await;
    chat.say("said while nobody listened").unwrap();
    panel.start().await;
    let desk = panel.until("both messages", |desk| talk.is_open(desk) && talk.words(desk).len() == 2).await;
    let view = talk.view(&desk).unwrap();
    assert_eq!(view.draft, draft, "the words begun are back");
    assert_eq!(view.unread, 1, "what was seen is not unread again; what came meanwhile is");
    panel.send(&talk, "Dear Customer, it is here").await.expect("sending");
    let desk = panel.until("an empty field", |desk| talk.view(desk).unwrap().draft.is_empty()).await;
    assert_eq!(talk.texts(&desk, AuthorRole::Customer), ["seen", "said while nobody listened"], "in order");
    chat.wait_for_message("Dear Customer, it is here", SOON).await.expect("sent");
}

fn download(talk: &Talk, desk: &DeskSnapshot, id: &str) -> Option<Download> {
    talk.view(desk)?.downloads.iter().find(|download| download.attachment == id).cloned()
}

/// The attachments of a talk by name, with their state.
fn files(talk: &Talk, desk: &DeskSnapshot) -> Vec<(String, String, AttachmentState)> {
    let bodies = talk.messages(desk).into_iter().map(|message| &message.body);
    let files = bodies.filter_map(|body| match body {
        MessageBody::Attachments { files, .. } => Some(files),
        _ => None,
    });
    files.flatten().map(|file| (file.id.clone(), file.name.clone(), file.state)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_and_go_under_safe_names() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    panel.send_file(&talk, "C:\\fakepath\\..\\label.pdf", &content).await.expect("sending");
    let label = |desk: &DeskSnapshot| files(&talk, desk).iter().any(|(_, name, _)| name == "label.pdf");
    panel.until("the file as a message", |desk| label(desk) && talk.all_sent(desk)).await;
    let there = chat.wait_for_file("label.pdf", SOON).await.expect("the customer has it, without a path");
    assert_eq!(there.bytes.as_deref(), Some(content.as_slice()), "whole");
    assert_eq!(chat.agent_messages().len(), 1, "as one message");

    for (hostile, safe) in [("../../../etc/cron.d/evil.pdf", "evil.pdf"), ("evil.pdf", "evil (2).pdf")] {
        let id = chat.send_file(hostile, "application/pdf", content.clone()).unwrap();
        panel
            .until("a ready file", |desk| {
                files(&talk, desk).iter().any(|(file, _, state)| *file == id && *state == AttachmentState::Ready)
            })
            .await;
        panel.on_attachment("attachment_save", &talk, &id).await.expect("fetching");
        let saved =
            |desk: &DeskSnapshot| download(&talk, desk, &id).is_some_and(|d| d.saved.is_some() || d.failed.is_some());
        let desk = panel.until("the saved file", saved).await;
        let done = download(&talk, &desk, &id).unwrap();
        let expected = panel.downloads().join(safe);
        assert_eq!(
            done.saved.as_deref(),
            Some(expected.to_str().unwrap()),
            "{hostile:?} stays in the folder: {done:?}"
        );
        assert_eq!(std::fs::read(&expected).unwrap(), content, "whole");
        assert_eq!(done.received, content.len() as u64, "and told so");
        panel.on_attachment("attachment_cancel", &talk, &id).await.expect("its mark is put away");
        panel.until("no mark", |desk| download(&talk, desk, &id).is_none()).await;
    }
    assert_eq!(std::fs::read_dir(panel.downloads()).unwrap().count(), 2, "nothing else was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_told_and_files_can_be_given_up() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    // Large enough that the system's buffers do not take it at once.
    let content = vec![7_u8; 19 << 20];
    panel.sim.fail_next("UploadAttachment", Fault::Slow(Duration::from_millis(1_500)), 1);
    let token = panel.send_file(&talk, "large.pdf", &content).await.expect("sending");
    let sent = |desk: &DeskSnapshot| {
        let view = talk.view(desk).unwrap();
        view.outgoing.iter().find_map(|item| match item.item {
            trunkline_desk::OutgoingItem::File { sent, .. } => Some(sent),
            _ => None,
        })
    };
    panel.until("progress", |desk| sent(desk).is_some_and(|sent| sent > 0 && sent <= content.len() as u64)).await;
    panel.on_outgoing("conversation_discard", &talk, &token).await.expect("a file under way can be given up");
    panel.until("nothing unsent", |desk| talk.all_sent(desk)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(panel.sim.requests_of("CompleteAttachmentUpload").is_empty(), "it was not completed");
    assert!(chat.agent_messages().is_empty(), "and the customer has nothing");

    let id = chat.send_file("photo.png", "image/png", vec![1_u8; 50_000]).unwrap();
    let ready = |desk: &DeskSnapshot| files(&talk, desk).iter().any(|(_, _, state)| *state == AttachmentState::Ready);
    panel.until("a ready file", ready).await;
    panel.sim.fail_next("DownloadAttachment", Fault::Silence, 1);
    panel.on_attachment("attachment_save", &talk, &id).await.expect("fetching");
    panel.until("its mark", |desk| download(&talk, desk, &id).is_some()).await;
    let asked = panel.until_sim("the request for it", |sim| !sim.requests_of("DownloadAttachment").is_empty());
    asked.await;
    panel.on_attachment("attachment_save", &talk, &id).await.expect("a second press is the same");
    panel.on_attachment("attachment_cancel", &talk, &id).await.expect("given up");
    panel.until("no mark", |desk| download(&talk, desk, &id).is_none()).await;
    assert!(!panel.downloads().join("photo.png").exists(), "nothing is left of it");
    panel.on_attachment("attachment_save", &talk, &id).await.expect("again");
    panel.until("the file", |desk| download(&talk, desk, &id).is_some_and(|d| d.saved.is_some())).await;
    let error = panel.on_attachment("attachment_save", &talk, "no-such-file").await.unwrap_err();
    assert_eq!(error.message_key, "error_file_gone", "a file nobody knows");
    panel.sim.fail_next("GetAttachment", Fault::Status(404), 1);
    panel.on_attachment("attachment_save", &talk, &id).await.expect("asked for");
    let desk = panel.until("its failure", |desk| download(&talk, desk, &id).is_some_and(|d| d.failed.is_some())).await;
    assert_eq!(download(&talk, &desk, &id).unwrap().failed.as_deref(), Some("error_file_gone"), "in words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_not_taken_are_refused_with_the_reason() {
    let sim = AmazonConnectSim::start(SimOptions::default()).await.unwrap();
    let panel = Panel::with(sim, json!({"chat_largest_file": 1000})).await;
    let (chat, talk) = panel.chat().await;
    for (name, size, key) in [
        ("virus.exe", 10, "error_file_type"),
        ("noending", 10, "error_file_type"),
        ("invoice.pdf.exe", 10, "error_file_type"),
        ("large.pdf", 1001, "error_file_too_large"),
        ("empty.pdf", 0, "error_file_empty"),
        ("", 10, "error_invalid"),
        ("folder/", 10, "error_invalid"),
    ] {
        let error = panel.send_file(&talk, name, &vec![0; size]).await.unwrap_err();
        assert_eq!((error.code, error.message_key.as_str()), (RpcCode::Invalid, key), "{name:?}, {size} bytes");
        assert_eq!(error.field.as_deref(), Some("file"), "{name:?}: the field is marked");
    }
    assert!(panel.sim.requests_of("StartAttachmentUpload").is_empty(), "none of them was announced");
    panel.send_file(&talk, "JUST.PDF", &[1; 1000]).await.expect("the largest, with a loud ending");
    chat.wait_for_file("JUST.PDF", SOON).await.expect("it is there");
    let plain = OfferChat { attachments: false, ..OfferChat::to(AGENT) };
    let (_plain, without) = panel.chat_of(plain).await;
    let error = panel.send_file(&without, "a.pdf", &[1]).await.unwrap_err();
    assert_eq!((error.code, error.message_key.as_str()), (RpcCode::NotAllowed, "error_no_files_here"), "no files here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_arrives_once_and_is_shown_once_whatever_fails() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    let mut expected = Vec::new();
    for (n, fault) in [
        Fault::Status(500),
        Fault::Status(503),
        Fault::Throttle,
        Fault::Html502,
        Fault::Malformed,
        Fault::LoseAnswer,
        Fault::LoseRequest,
        Fault::Status(403),
        Fault::Slow(Duration::from_millis(300)),
    ]
    .into_iter()
    .enumerate()
    {
        panel.sim.fail_next("SendMessage", fault, 1);
        expected.push(format!("in spite of {n} {fault:?}"));
        panel.send(&talk, expected.last().unwrap()).await.expect("taken");
        panel.until(&format!("it to be sent in spite of {fault:?}"), |desk| talk.all_sent(desk)).await;
    }
    // No socket: the words go out all the same, and no echo tells of them.
    panel.sim.refuse_sockets(true);
    panel.sim.drop_sockets();
    for n in 0..3 {
        expected.push(format!("without a socket {n}"));
        panel.send(&talk, expected.last().unwrap()).await.expect("taken");
    }
    let customer: Vec<String> = (0..3).map(|n| format!("unheard {n}")).collect();
    customer.iter().for_each(|text| drop(chat.say(text).unwrap()));
    panel.until("all sent without a socket", |desk| talk.all_sent(desk)).await;
    panel.sim.refuse_sockets(false);
    panel.until("the customer's words", |desk| talk.texts(desk, AuthorRole::Customer).len() == 3).await;
    // The echo arrives again, or the line is cut around it.
    for (n, fault) in [FrameFault::Twice, FrameFault::CutBefore, FrameFault::CutAfter].into_iter().enumerate() {
        panel.sim.expect_topic(AGENT, "aws/chat", SOON).await.expect("subscribed");
        panel.sim.fail_next_frames(fault, 1);
        expected.push(format!("echo {n}"));
        panel.send(&talk, expected.last().unwrap()).await.expect("taken");
        panel.until("the echo's message sent", |desk| talk.all_sent(desk)).await;
    }
    panel.sim.expect_topic(AGENT, "aws/chat", SOON).await.expect("subscribed");
    let last = chat.say("the last").unwrap();
    let desk = panel.until("the last words", |desk| talk.message(desk, &last).is_some()).await;
    assert_eq!(received(&chat), expected, "the customer has each once, in order");
    assert_eq!(tokens(&chat), expected.len(), "each under its own token");
    assert_eq!(talk.texts(&desk, AuthorRole::Me), expected, "the agent sees each once, in order");
    let theirs = talk.texts(&desk, AuthorRole::Customer);
    assert_eq!(theirs, [customer, vec!["the last".to_owned()]].concat(), "and the customer's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_answer_is_lost_is_never_shown_twice() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    panel.sim.fail_next("SendMessage", Fault::LoseAnswer, 2);
    panel.send(&talk, "only once").await.expect("taken");
    let mut most = 0;
    panel
        .until("it to be sent", |desk| {
            let shown = talk.texts(desk, AuthorRole::Me).len() + talk.unsent(desk).len();
            most = most.max(shown);
            talk.all_sent(desk)
        })
        .await;
    assert_eq!(received(&chat), ["only once"], "the customer has it once");
    assert_eq!(most, 1, "and at no moment the agent sees it as a message and as unsent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_program_left_unsent_goes_out_once_and_in_order() {
    let mut panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    panel.send(&talk, "before").await.unwrap();
    chat.wait_for_message("before", SOON).await.unwrap();
    // The first is at the platform when the program dies, and the program does not know.
    panel.sim.fail_next("SendMessage", Fault::LoseAnswer, 1);
    panel.sim.fail_next("SendMessage", Fault::Status(503), 3);
    for n in 0..5 {
        panel.send(&talk, &format!("unsent {n}")).await.expect("taken");
    }
    panel.send_file(&talk, "unsent.pdf", &[9; 5_000]).await.expect("a file too");
    chat.wait_for_message("unsent 0", SOON).await.expect("the first one arrived");
    panel.kill().await;
    chat.say("are you there?").unwrap();
    assert_eq!(received(&chat), ["before", "unsent 0"], "no more than that");
    panel.start().await;
    panel.until("what is unsent", |desk| talk.is_open(desk) && talk.unsent(desk).len() >= 5).await;
    let desk = panel.until("everything to be sent", |desk| talk.all_sent(desk) && !files(&talk, desk).is_empty()).await;
    let expected: Vec<String> =
        ["before".to_owned()].into_iter().chain((0..5).map(|n| format!("unsent {n}"))).collect();
    assert_eq!(talk.texts(&desk, AuthorRole::Me), expected, "once, in order, in the panel");
    chat.wait_for_file("unsent.pdf", SOON).await.expect("the file as well");
    let got = received(&chat);
    assert_eq!(got, [expected, vec![String::new()]].concat(), "and at the customer, the file last");
    assert_eq!(talk.texts(&desk, AuthorRole::Customer), ["are you there?"], "with what came meanwhile");
    panel.kill().await;
    panel.start().await;
    panel.until("the conversation", |desk| talk.is_open(desk)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(received(&chat), got, "a second start sends nothing again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_message_waits_for_the_agent_and_does_not_hold_up_the_next() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    panel.sim.fail_next("SendMessage", Fault::Status(400), 2);
    let first = panel.send(&talk, "first").await.unwrap();
    let second = panel.send(&talk, "second").await.unwrap();
    panel.send(&talk, "third").await.unwrap();
    chat.wait_for_message("third", SOON).await.expect("the next one goes");
    let refused = failed("error_message_refused");
    let both = [("first".to_owned(), refused.clone()), ("second".to_owned(), refused)];
    panel.until("both refused", |desk| talk.unsent(desk) == both).await;
    panel.on_outgoing("conversation_retry", &talk, &first).await.expect("again");
    chat.wait_for_message("first", SOON).await.expect("now it is taken");
    panel.on_outgoing("conversation_discard", &talk, &second).await.expect("not at all");
    panel.until("nothing unsent", |desk| talk.all_sent(desk)).await;
    for (command, key) in [("conversation_discard", "error_already_sent"), ("conversation_retry", "error_not_possible")]
    {
        // The socket may show it a moment before the sending has its answer.
        let mut error = panel.on_outgoing(command, &talk, &first).await.unwrap_err();
        for _ in 0..100 {
            if error.message_key != "error_being_sent" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            error = panel.on_outgoing(command, &talk, &first).await.unwrap_err();
        }
        assert_eq!(error.message_key, key, "{command} of what was sent");
    }
    assert_eq!(received(&chat), ["third", "first"], "once each, and never the discarded one");
    assert_eq!(talk.texts(&panel.desk(), AuthorRole::Me), ["third", "first"], "and so it is shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_the_end_of_the_chat_overtakes_are_not_lost() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    panel.sim.fail_next("SendMessage", Fault::Status(503), 1000);
    let token = panel.send(&talk, "very important").await.unwrap();
    panel.send(&talk, "and this").await.unwrap();
    panel.call("conversation_draft", json!({"contact": talk.key, "text": "half a"})).await.unwrap();
    chat.leave().unwrap();
    let over = failed("error_conversation_over");
    let both = [("very important".to_owned(), over.clone()), ("and this".to_owned(), over)];
    let desk = panel.until("both failed", |desk| talk.unsent(desk) == both).await;
    assert_eq!(talk.view(&desk).unwrap().conversation.state, ConversationState::Ended, "it can be read only");
    panel.on_outgoing("conversation_retry", &talk, &token).await.expect("tried");
    panel.until("failed again", |desk| talk.unsent(desk) == both).await;
    let error = panel.send(&talk, "more").await.unwrap_err();
    assert_eq!(error.message_key, "error_conversation_over", "nothing more is taken");
    panel.until("the end", |desk| talk.state(desk).is_some_and(|state| state.is_finished())).await;
    panel.call("contact_clear", json!({"contact": talk.key})).await.expect("cleared");
    let desk = panel.until("an empty desk", |desk| desk.contacts.is_empty()).await;
    assert_eq!(told(&desk, "notice_unsent"), ["very important\nand this\nhalf a"], "the words can be copied");
    assert_eq!(received(&chat), Vec::<String>::new(), "and none was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_a_chat_that_ended_while_the_program_was_dead_are_told() {
    let mut panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    panel.sim.fail_next("SendMessage", Fault::Status(503), 1000);
    panel.send(&talk, "too late").await.unwrap();
    panel.kill().await;
    chat.leave().unwrap();
    panel.start().await;
    panel.until("the finished contact", |desk| talk.state(desk).is_some_and(|state| state.is_finished())).await;
    panel.call("contact_clear", json!({"contact": talk.key})).await.expect("cleared");
    let desk = panel.until("an empty desk", |desk| desk.contacts.is_empty()).await;
    assert_eq!(told(&desk, "notice_unsent"), ["too late"], "with the contact the agent gets the words back");
    assert_eq!(received(&chat), Vec::<String>::new(), "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_expires_in_the_middle_is_not_noticed() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    let mut expected = Vec::new();
    for n in 0..6 {
        if n % 2 == 0 {
            panel.sim.expire_chat_tokens();
        }
        if n == 3 {
            panel.sim.expire_tokens();
        }
        expected.push(format!("number {n}"));
        panel.send(&talk, expected.last().unwrap()).await.unwrap();
        chat.wait_for_message(expected.last().unwrap(), SOON).await.expect("it arrives");
        chat.say(&format!("answer {n}")).unwrap();
    }
    let desk = panel
        .until("everything", |desk| talk.all_sent(desk) && talk.texts(desk, AuthorRole::Customer).len() == 6)
        .await;
    assert_eq!(received(&chat), expected, "once each, in order");
    assert_eq!(talk.texts(&desk, AuthorRole::Me), expected, "and shown so");
    assert!(desk.notices.is_empty(), "nobody is bothered: {:?}", desk.notices);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_chats_and_a_call_at_once_do_not_mix() {
    let panel = Panel::open().await;
    let (first, one) = panel.chat().await;
    let (second, two) = panel.chat().await;
    let call = panel.sim.offer_call(OfferCall::to(AGENT)).await.unwrap();
    let offered = |desk: &DeskSnapshot| {
        desk.contacts.iter().find(|view| view.contact.state == ContactState::Offered).map(|view| view.key.clone())
    };
    let desk = panel.until("the call", |desk| offered(desk).is_some()).await;
    let key = offered(&desk).unwrap();
    panel.call("contact_accept", json!({"contact": key})).await.expect("taken");
    call.expect_accepted(SOON).await.expect("the platform knows");
    panel
        .until("the call to be live", |desk| {
            let view = desk.contacts.iter().find(|view| view.key == key);
            view.is_some_and(|view| view.contact.state == ContactState::Connected && view.media.is_some())
        })
        .await;
    for n in 0..10 {
        first.say(&format!("from one {n}")).unwrap();
        second.say(&format!("from two {n}")).unwrap();
        panel.send(&one, &format!("to one {n}")).await.unwrap();
        panel.send(&two, &format!("to two {n}")).await.unwrap();
        if n == 5 {
            panel.sim.fail_next("SendMessage", Fault::LoseAnswer, 2);
            panel.sim.drop_sockets();
        }
    }
    let complete =
        |desk: &DeskSnapshot| [&one, &two].iter().all(|talk| talk.all_sent(desk) && talk.words(desk).len() == 20);
    let desk = panel.until("all words of both", complete).await;
    for (chat, talk, name) in [(&first, &one, "one"), (&second, &two, "two")] {
        let to: Vec<String> = (0..10).map(|n| format!("to {name} {n}")).collect();
        let from: Vec<String> = (0..10).map(|n| format!("from {name} {n}")).collect();
        assert_eq!(received(chat), to, "chat {name}: to the customer");
        assert_eq!(talk.texts(&desk, AuthorRole::Me), to, "chat {name}: ours in the panel");
        assert_eq!(talk.texts(&desk, AuthorRole::Customer), from, "chat {name}: theirs in the panel");
        assert_eq!(talk.view(&desk).unwrap().unread, 10, "chat {name}: unread by itself");
    }
    let live = desk.contacts.iter().find(|view| view.key == key).unwrap();
    assert_eq!(live.contact.state, ContactState::Connected, "the call goes on");
    assert!(desk.conversations.iter().all(|view| view.key != key), "and has no conversation");
    panel.call("contact_end", json!({"contact": one.key, "connection": null})).await.expect("one chat ended");
    first.expect_ended_by_agent(SOON).await.expect("that one");
    panel.until("its end", |desk| one.state(desk).is_some_and(|state| state.is_finished())).await;
    assert!(!second.is_over(), "the other goes on");
    panel.send(&two, "still here").await.unwrap();
    second.wait_for_message("still here", SOON).await.expect("and can be written in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_clock_two_hours_off_changes_nothing() {
    for skew in [-7_200.0, 7_200.0] {
        let sim = AmazonConnectSim::start(SimOptions::default()).await.unwrap();
        sim.set_clock_skew(skew);
        let mut panel = Panel::with(sim, json!({})).await;
        let (chat, talk) = panel.chat().await;
        chat.say("theirs 1").unwrap();
        panel.until("theirs", |desk| talk.words(desk).len() == 1).await;
        panel.send(&talk, "ours 1").await.unwrap();
        chat.wait_for_message("ours 1", SOON).await.unwrap();
        let id = chat.say("theirs 2").unwrap();
        panel.until("theirs again", |desk| talk.message(desk, &id).is_some()).await;
        panel.call("conversation_read", json!({"contact": talk.key, "message": id})).await.unwrap();
        panel.settle().await;
        panel.kill().await;
        panel.start().await;
        panel.until("the conversation again", |desk| talk.is_open(desk)).await;
        panel.send(&talk, "ours 2").await.unwrap();
        chat.wait_for_message("ours 2", SOON).await.unwrap();
        let desk = panel.until("everything", |desk| talk.all_sent(desk) && talk.words(desk).len() == 4).await;
        let words: Vec<String> = talk.words(&desk).into_iter().map(|(_, text)| text).collect();
        assert_eq!(words, ["theirs 1", "ours 1", "theirs 2", "ours 2"], "skew {skew}: by the platform's order");
        assert_eq!(talk.view(&desk).unwrap().unread, 0, "skew {skew}: what was read is read");
    }
}
