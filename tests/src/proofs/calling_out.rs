//! Calls that go out, and calls of several parties: dialled, consulted, swapped,
//! merged, left and transferred in the panel's window, checked by every ear.
//!
//! A part that fails does not keep the others from being played.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use serde_json::json;
use trunkline_simulators::amazon_connect::{
    OfferCall, OutboundAnswer, OutboundBehaviour, QuickConnect, SimCall, SimError, SimOptions, SimParty, Speech,
};
use trunkline_simulators::{Moment, speech};

use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::messages::Messages;
use crate::harness::processes::Program;
use crate::harness::sound::{self, RATE, Recorder, correlate, level, telling_part};
use crate::harness::stage::{AGENT, PATIENCE, Stage, loud_packets};
use crate::harness::talk::{AUDIBLE, SAME_WORDS};

/// Numbers as the platform takes them, and as the panel shows the first.
const PERSON: &str = "+12025550142";
const PERSON_SHOWN: &str = "+1 202 555 0142";
const BRANCH: &str = "+12025550166";
/// The quick connects that are searched for.
const HEAD_OFFICE: &str = "Head office";
const BILLING: &str = "Billing desk";
/// Not the queue that is chosen already.
const QUEUE: &str = "Support";

/// Sentences of the simulator, one a voice.
const CUSTOMER: usize = 0;
const AGENT_WORDS: usize = 2;
const THIRD: usize = 3;
/// Seconds of a sentence that are said over and over, and of those what is looked for.
const PHRASE: f32 = 2.5;
const WANTED: f32 = 1.5;
/// Words may take this long to be found, on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);
/// Sound that was on its way has arrived after this time.
const SETTLED: Duration = Duration::from_millis(800);
/// Who is not to hear anything is listened to for at least this long.
const NOTHING: Duration = Duration::from_millis(3000);
/// More than one round of the ringing tone: two seconds of tone, four of silence.
const TONE_ROUND: Duration = Duration::from_millis(6200);

const CALL_STATE: &str = "[data-testid='call-state']";
const NUMBER: &str = "[data-testid='dial-number']";
const SEARCH: &str = "[data-testid='endpoint-search']";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Agent,
    Customer,
    Third,
}

impl Who {
    const ALL: [Self; 3] = [Self::Agent, Self::Customer, Self::Third];

    fn name(self) -> &'static str {
        match self {
            Self::Agent => "the agent",
            Self::Customer => "the customer",
            Self::Third => "the third party",
        }
    }

    fn phrase(self) -> Vec<f32> {
        let sentence = match self {
            Self::Agent => AGENT_WORDS,
            Self::Customer => CUSTOMER,
            Self::Third => THIRD,
        };
        telling_part(&speech::sample(sentence), PHRASE).to_vec()
    }

    /// What this voice says over and over.
    fn round(self) -> Vec<f32> {
        let mut samples = self.phrase();
        samples.extend(std::iter::repeat_n(0.0, RATE * 2 / 5));
        samples
    }

    fn words(self) -> Vec<f32> {
        telling_part(&self.phrase(), WANTED).to_vec()
    }
}

/// A call and whoever was added to it.
struct Talks {
    call: SimCall,
    third: Option<SimParty>,
}

impl Talks {
    fn third(&self) -> Result<&SimParty> {
        self.third.as_ref().context("nobody was added")
    }
}

struct Desk {
    stage: Stage,
    checks: Checks,
    say: Messages,
    ringer: Recorder,
    speaker: Recorder,
}

/// Runs all of it. The last line printed counts the checks.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("calling-out");
    let mut directory = QuickConnect::one_of_each();
    directory.push(QuickConnect::phone(BILLING, "+12025550177"));
    directory.extend(QuickConnect::branches(30));
    let options = SimOptions { directory, ring_back: true, ..SimOptions::default() };
    let set = Stage::set("calling-out", Furniture { keyring: true, dunst: true }, options).await;
    let Ok(stage) = checks.require(set, "desktop, tray, simulator and TURN server are up") else {
        return Ok(checks.finish());
    };
    // Everybody rings until the proof decides, and speaks when asked to.
    let waits = OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent };
    stage.sim.set_outbound(waits.clone());
    stage.sim.set_third_party(waits);
    let recorders = Recorder::of_both_outputs(&stage.desktop);
    let Ok((ringer, speaker)) = checks.require(recorders, "ringer and speaker are recorded") else {
        return Ok(checks.finish());
    };
    let say = Messages::read()?;
    let mut desk = Desk { stage, checks, say, ringer, speaker };
    if let Err(error) = desk.play().await {
        desk.checks.check(false, "the calls went through to their end", format!("{error:#}"));
        desk.stage.picture("where-it-stopped");
    }
    desk.stage.keep_logs();
    if let Ok(samples) = desk.speaker.so_far() {
        sound::write_wav(&desk.stage.artifacts.join("speaker.wav"), &samples)?;
    }
    Ok(desk.checks.finish())
}

/// Plays a part; one that fails is noted, and the next begins with a free agent.
macro_rules! part {
    ($desk:ident, $name:literal, $part:expr) => {
        $desk.checks.step($name);
        if let Err(error) = $part.await {
            $desk.checks.check(false, concat!($name, ": played to its end"), format!("{error:#}"));
            $desk.stage.picture("part-failed");
            $desk.recover().await.context($name)?;
        }
    };
}

impl Desk {
    async fn play(&mut self) -> Result<()> {
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        let signed_in = self.stage.sign_in().await;
        self.checks.require(signed_in, "the agent is signed in")?;
        part!(self, "an outbound call that is answered", self.outbound());
        part!(self, "an outbound call to a busy line", self.not_reached(true));
        part!(self, "an outbound call that nobody answers", self.not_reached(false));
        part!(self, "consult, swap, merge and leave", self.consult());
        part!(self, "transfer without talking first", self.transfer());
        part!(self, "a third party that is busy", self.busy_party());
        part!(self, "muted through consult, swap and merge", self.muted());
        Ok(())
    }

    // Parts.

    async fn outbound(&mut self) -> Result<()> {
        self.open_sheet("new-call").await?;
        self.stage.fill(NUMBER, "+1202555").await?;
        let partly = self.stage.wait_value(NUMBER, "+1 202 555").await;
        self.checks.require(partly, "a number is formatted while it is typed")?;
        self.stage.append(NUMBER, "0142").await?;
        let whole = self.stage.wait_value(NUMBER, PERSON_SHOWN).await;
        self.checks.require(whole, &format!("and reads {PERSON_SHOWN} at its end"))?;
        let chosen = self.stage.select("[data-testid='dial-queue']", QUEUE).await;
        self.checks.require(chosen, &format!("the queue {QUEUE} is chosen"))?;
        self.stage.picture("number-typed");
        let call = self.dial().await?;
        let queue = call.offer().queue.clone();
        self.checks.check(queue == QUEUE, "from the queue that was chosen", queue);
        let asked = self.stage.sim.requests_of("CreateOutboundContact");
        let taken = asked.iter().filter(|note| note.status == 200).count();
        self.checks.check(
            (asked.len(), taken) == (1, 1),
            "by one CreateOutboundContact",
            format!("{} requests", asked.len()),
        );
        self.hear_ringing_tone().await?;
        let shown = self.stage.words("[data-testid='call']").await?.concat();
        self.checks.check(shown.contains(PERSON_SHOWN), "the card shows who is called", PERSON_SHOWN);
        self.stage.picture("calling");

        call.answer()?;
        self.call_is("contact_live").await?;
        let talks = Talks { call, third: None };
        self.hear(&talks, Who::Agent, &[Who::Customer], "in the outbound call").await?;
        self.hear(&talks, Who::Customer, &[Who::Agent], "in the outbound call").await?;
        self.stage.picture("outbound-call");
        self.click("end").await?;
        let ended = talks.call.expect_ended_by_agent(PATIENCE).await;
        self.did(ended, "the agent hangs up")?;
        self.finish_up(&talks.call, "outcome_ended_by_agent").await?;
        self.history_tells("ended_by_agent", PERSON_SHOWN).await
    }

    /// Nobody is reached: told in words, and nothing rings on.
    async fn not_reached(&mut self, busy: bool) -> Result<()> {
        self.open_sheet("new-call").await?;
        self.stage.fill(NUMBER, PERSON).await?;
        let call = self.dial().await?;
        self.hear_ringing_tone().await?;
        let (title, outcome, picture) = if busy {
            call.busy()?;
            ("busy_title", "outcome_busy", "busy")
        } else {
            call.no_answer()?;
            // The platform names no reason: that somebody did not answer would be a guess.
            ("not_connected_title", "outcome_not_connected", "no-answer")
        };
        self.says("[data-testid='outcome']", outcome).await?;
        self.says("[data-testid^='contact-'] .title", title).await?;
        let from = SystemTime::now() + SETTLED;
        self.stage.picture(picture);
        // Longer than the pause of the tone, once: the second time the end is the same.
        tokio::time::sleep(SETTLED + if busy { TONE_ROUND } else { NOTHING }).await;
        for (recorder, name) in [(&self.speaker, "speaker"), (&self.ringer, "ringer")] {
            let rest = level(&recorder.between(from, SystemTime::now())?);
            self.checks.check(rest < AUDIBLE, &format!("nothing rings on at the {name}"), format!("level {rest:.4}"));
        }
        self.click("dismiss").await?;
        self.is_free(&call).await
    }

    async fn consult(&mut self) -> Result<()> {
        let call = self.incoming("Ana Example").await?;
        let talks = self.call_third(call, "head", HEAD_OFFICE, "consult").await?;
        let (customer, third) = (talks.call.customer(), talks.third()?.clone());
        third.answer()?;
        self.did(third.expect_connected(PATIENCE).await, "the third party answers")?;
        self.call_is("contact_consult").await?;
        self.hear(&talks, Who::Agent, &[Who::Third], "in the consultation").await?;
        self.hear(&talks, Who::Third, &[Who::Agent], "in the consultation").await?;
        self.hear(&talks, Who::Customer, &[], "on hold").await?;
        self.stage.picture("consult");

        self.click("swap").await?;
        self.did(third.expect_hold(PATIENCE).await, "swapped: the third party is on hold")?;
        self.did(customer.expect_resumed(PATIENCE).await, "and the customer is not")?;
        self.hear(&talks, Who::Agent, &[Who::Customer], "swapped").await?;
        self.hear(&talks, Who::Customer, &[Who::Agent], "swapped").await?;
        self.hear(&talks, Who::Third, &[], "swapped").await?;
        self.stage.picture("swapped");

        self.click("conference").await?;
        self.did(third.expect_resumed(PATIENCE).await, "merged: nobody is on hold")?;
        self.call_is("contact_conference").await?;
        self.hear(&talks, Who::Agent, &[Who::Customer, Who::Third], "merged").await?;
        self.hear(&talks, Who::Customer, &[Who::Agent, Who::Third], "merged").await?;
        self.hear(&talks, Who::Third, &[Who::Agent, Who::Customer], "merged").await?;
        self.stage.picture("merged");

        self.click("leave").await?;
        self.did(talks.call.expect_ended_by_agent(PATIENCE).await, "the agent leaves")?;
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        self.hear(&talks, Who::Customer, &[Who::Third], "once the agent has left").await?;
        self.hear(&talks, Who::Third, &[Who::Customer], "once the agent has left").await?;
        self.hear(&talks, Who::Agent, &[], "once the agent has left").await?;
        self.finish_up(&talks.call, "outcome_transferred").await?;
        let still = (customer.state(), third.state());
        self.checks.check(still == ("connected", "connected"), "the others talk on", format!("{still:?}"));
        customer.hang_up()?;
        Ok(())
    }

    async fn transfer(&mut self) -> Result<()> {
        let call = self.incoming("Ben Sample").await?;
        self.open_sheet("add-party").await?;
        self.click("dial-tab-number").await?;
        self.stage.fill(NUMBER, BRANCH).await?;
        self.stage.picture("transfer-sheet");
        self.click("transfer-now").await?;
        let third = call.expect_third_party(PATIENCE).await;
        let third = self.did(third, "the third party is called")?;
        self.did(call.expect_ended_by_agent(PATIENCE).await, "and the agent's leg ends")?;
        let state = third.state();
        self.checks.check(state == "connecting", "while the third party rings", state);
        self.sheet_is_gone().await?;
        self.stage.picture("transferred");
        self.finish_up(&call, "outcome_transferred").await?;
        third.answer()?;
        let talks = Talks { call, third: Some(third) };
        self.hear(&talks, Who::Third, &[Who::Customer], "after the transfer").await?;
        talks.call.customer().hang_up()?;
        self.history_tells("transferred", "Ben Sample").await
    }

    async fn busy_party(&mut self) -> Result<()> {
        let call = self.incoming("Chidi Specimen").await?;
        let talks = self.call_third(call, "billing", BILLING, "party").await?;
        talks.third()?.busy()?;
        let words = self.say.say("notice_party_not_reached", &[("party", BILLING)])?;
        let told = self.stage.wait_notice(&words).await;
        self.checks.require(told, &format!("a message says: {words}"))?;
        let row = self.stage.wait_words("[data-testid='party'][data-state='disconnected']", BILLING).await;
        self.checks.require(row, "and the row of the third party shows that it is gone")?;
        self.stage.picture("party-busy");
        let customer = talks.call.customer();
        let ended = talks.call.facts().ended;
        self.checks.check(ended.is_none(), "agent and customer stay connected", customer.state());
        // The platform leaves the customer on hold; the agent sees that and takes them back.
        self.click("party-resume").await?;
        self.did(customer.expect_resumed(PATIENCE).await, "the customer is taken off hold")?;
        self.hear(&talks, Who::Agent, &[Who::Customer], "after the busy line").await?;
        self.hear(&talks, Who::Customer, &[Who::Agent], "after the busy line").await?;
        self.stage.picture("back-with-customer");
        self.stage.put_notices_away().await?;
        self.click("end").await?;
        self.did(talks.call.expect_ended_by_agent(PATIENCE).await, "the agent hangs up")?;
        self.finish_up(&talks.call, "outcome_ended_by_agent").await
    }

    async fn muted(&mut self) -> Result<()> {
        let call = self.incoming("Dina Caller").await?;
        self.click("mute").await?;
        let muted = self.stage.wait_words("[data-testid='proof'][data-sending='muted']", "").await;
        self.checks.require(muted, "the panel shows that nothing but silence is sent")?;
        tokio::time::sleep(SETTLED).await;
        let from = Moment::now();
        // The agent talks through all of it, between the steps as well.
        let talking = self.speak()?;
        let talks = self.call_third(call, "head", HEAD_OFFICE, "muted").await?;
        let third = talks.third()?.clone();
        third.answer()?;
        self.did(third.expect_connected(PATIENCE).await, "the third party answers")?;
        self.hear(&talks, Who::Third, &[Who::Agent], "muted, in the consultation").await?;
        self.click("swap").await?;
        self.did(third.expect_hold(PATIENCE).await, "swapped")?;
        self.hear(&talks, Who::Customer, &[Who::Agent], "muted, swapped").await?;
        self.click("conference").await?;
        self.did(third.expect_resumed(PATIENCE).await, "merged")?;
        self.call_is("contact_conference").await?;
        self.says("[data-testid='proof-text']", "proof_muted_several").await?;
        self.stage.picture("muted-conference");
        tokio::time::sleep(NOTHING).await;
        let to = Moment::now();
        let (loud, all) = loud_packets(&talks.call, from, to);
        let seconds = to.since(from).as_secs_f64();
        let enough = all as f64 > seconds * 40.0;
        let figure = format!("{loud} of {all} packets with sound in {seconds:.0} s");
        self.checks.check(enough && loud == 0, "muted: packets go on, and every one is silent", figure);
        drop(talking);
        self.hear(&talks, Who::Agent, &[], "muted, merged").await?;
        self.click("mute").await?;
        self.hear(&talks, Who::Agent, &[Who::Customer, Who::Third], "un-muted").await?;
        self.click("leave").await?;
        self.finish_up(&talks.call, "outcome_transferred").await?;
        talks.call.customer().hang_up()?;
        Ok(())
    }

    // Steps.

    async fn click(&mut self, test_id: &str) -> Result<()> {
        let clicked = self.stage.click(test_id).await;
        self.checks.require(clicked, &format!("{test_id} is clicked"))
    }

    fn did<T>(&mut self, result: Result<T, SimError>, what: &str) -> Result<T> {
        self.checks.require(result.map_err(Into::into), what)
    }

    async fn says(&mut self, selector: &str, key: &str) -> Result<()> {
        let words = self.say.say(key, &[])?;
        let told = self.stage.wait_words(selector, &words).await;
        self.checks.require(told, &format!("the panel says: {words}"))
    }

    async fn call_is(&mut self, key: &str) -> Result<()> {
        self.says(CALL_STATE, key).await
    }

    async fn open_sheet(&mut self, button: &str) -> Result<()> {
        self.click(button).await?;
        let open = self.stage.wait_words("[data-testid='dial-sheet']", "").await;
        self.checks.require(open, "the dial sheet is open")
    }

    async fn sheet_is_gone(&mut self) -> Result<()> {
        let gone = self.stage.wait_none("[data-testid='dial-sheet']").await;
        self.checks.require(gone, "the sheet is closed")
    }

    /// Calls the number in the sheet.
    async fn dial(&mut self) -> Result<SimCall> {
        let asked = Moment::now();
        self.click("dial-call").await?;
        let dialled = self.stage.sim.expect_dialled(AGENT, PATIENCE).await;
        let call = self.did(dialled, "the platform is asked to call")?;
        if let Some(note) = self.stage.sim.requests_of("CreateOutboundContact").last() {
            let delay = note.at.since(asked).as_millis();
            self.checks.step(&format!("click to CreateOutboundContact on the wire: {delay} ms"));
        }
        let number = call.offer().customer_number.clone();
        self.checks.check(number == PERSON, "the number is in E.164 form", number);
        self.sheet_is_gone().await?;
        self.call_is("contact_calling").await?;
        Ok(call)
    }

    /// The tone that tells the agent of ringing: at the speaker, not at the ringer.
    async fn hear_ringing_tone(&mut self) -> Result<()> {
        let (from, end) = (SystemTime::now(), Instant::now() + PATIENCE);
        let mut tone = 0.0;
        while tone < AUDIBLE && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(300)).await;
            tone = level(&self.speaker.between(from, SystemTime::now())?);
        }
        self.checks.check(tone >= AUDIBLE, "the agent hears it ring", format!("level {tone:.4}"));
        let ringer = level(&self.ringer.between(from, SystemTime::now())?);
        self.checks.check(ringer < AUDIBLE, "and the ringer is not for that", format!("level {ringer:.4}"));
        Ok(())
    }

    /// A customer calls, and the agent accepts.
    async fn incoming(&mut self, name: &str) -> Result<SimCall> {
        let offer = OfferCall { customer_name: name.to_owned(), speech: Speech::Silent, ..OfferCall::to(AGENT) };
        let call = self.stage.sim.offer_call(offer).await?;
        self.click("accept").await?;
        self.did(call.expect_accepted(PATIENCE).await, "the call is accepted")?;
        self.did(call.wait_media_connected(PATIENCE).await, "its media is connected")?;
        self.call_is("contact_live").await?;
        Ok(call)
    }

    /// A quick connect is searched for, chosen and called; the customer waits.
    async fn call_third(&mut self, call: SimCall, search: &str, name: &str, picture: &str) -> Result<Talks> {
        self.open_sheet("add-party").await?;
        let all = self.stage.wait_words("[data-testid='endpoint']", "Branch").await;
        self.checks.require(all, "the quick connects are listed")?;
        self.stage.fill(SEARCH, search).await?;
        let found = self.stage.wait_only("[data-testid='endpoint']", name).await;
        self.checks.require(found, &format!("{search:?} leaves {name} alone"))?;
        self.click("endpoint").await?;
        let picked = self.stage.wait_words("[data-testid='dial-picked']", name).await;
        self.checks.require(picked, "and it is chosen")?;
        self.stage.picture(&format!("{picture}-sheet"));
        self.click("consult").await?;
        let third = call.expect_third_party(PATIENCE).await;
        let third = self.did(third, "the third party is called")?;
        self.did(call.customer().expect_hold(PATIENCE).await, "the customer is put on hold")?;
        self.sheet_is_gone().await?;
        let row = format!("[data-testid='party'][data-connection='{}']", third.connection_id());
        let named = self.stage.wait_words(&row, name).await;
        self.checks.require(named, "the third party has a row with its name")?;
        self.says(&row, "party_ringing").await?;
        self.stage.picture(&format!("{picture}-ringing"));
        Ok(Talks { call, third: Some(third) })
    }

    async fn finish_up(&mut self, call: &SimCall, outcome: &str) -> Result<()> {
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        self.says("[data-testid='contact-wrap_up'] .title", "wrap_up_title").await?;
        self.says("[data-testid='outcome']", outcome).await?;
        self.stage.picture("wrap-up");
        self.click("finish").await?;
        self.is_free(call).await
    }

    async fn is_free(&mut self, call: &SimCall) -> Result<()> {
        self.did(call.expect_cleared(PATIENCE).await, "the platform has cleared the contact")?;
        let available = self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await;
        self.did(available, "the agent is Available")?;
        let gone = self.stage.wait_none("[data-testid^='contact-']").await;
        self.checks.require(gone, "its card is gone")
    }

    /// The newest entry of the history.
    async fn history_tells(&mut self, outcome: &str, who: &str) -> Result<()> {
        self.click("tab-history").await?;
        let entry = format!("li:first-child > [data-outcome='{outcome}'], [data-outcome='{outcome}']:first-child");
        let told = self.stage.wait_words(&entry, who).await;
        self.checks.require(told, &format!("the history tells of {who} first: {outcome}"))?;
        self.stage.picture("history");
        self.click("tab-contacts").await
    }

    /// Back to an agent without contacts, Available, whatever a part left.
    async fn recover(&mut self) -> Result<()> {
        // There is a sheet to close, or none.
        if !self.stage.words("[data-testid='dial-sheet-close']").await?.is_empty() {
            self.stage.click("dial-sheet-close").await?;
        }
        for call in self.stage.sim.calls() {
            // Most have ended long ago, or have nobody left to hang up.
            let _ = call.customer_hangs_up().await;
            for third in call.third_parties() {
                let _ = third.no_answer();
                let _ = third.hang_up();
            }
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let snapshot = self.stage.snapshot().await?;
            let contacts = snapshot["contacts"].as_array().cloned().unwrap_or_default();
            if contacts.is_empty() {
                break;
            }
            for contact in contacts {
                // Not every state can be cleared: the next round looks again.
                let _ = self.stage.rpc("contact_clear", json!({ "contact": contact["key"] })).await;
            }
            anyhow::ensure!(Instant::now() < end, "contacts are left: {snapshot}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        self.stage.sim.agent(AGENT).set_state("Available")?;
        self.stage.click("tab-contacts").await?;
        self.stage.put_notices_away().await
    }

    // Ears.

    /// The agent talks into the microphone until this is dropped, or for two minutes.
    fn speak(&self) -> Result<Program> {
        sound::play(&self.stage.desktop, devices::MICROPHONE_FEED, &Who::Agent.round().repeat(40))
    }

    /// Only `speaker` talks: those of `by` hear the words, and the others on
    /// the call hear nothing at all.
    async fn hear(&mut self, talks: &Talks, speaker: Who, by: &[Who], when: &str) -> Result<()> {
        let hush = || {
            talks.call.say_speech(Speech::Silent);
            if let Some(third) = &talks.third {
                third.say_speech(Speech::Silent);
            }
        };
        hush();
        tokio::time::sleep(SETTLED).await;
        let (since, from, begun) = (Moment::now(), SystemTime::now(), Instant::now());
        let talking = match speaker {
            Who::Agent => Some(self.speak()?),
            Who::Customer => {
                talks.call.say_speech(Speech::Loop(speaker.round()));
                None
            }
            Who::Third => {
                talks.third()?.say_speech(Speech::Loop(speaker.round()));
                None
            }
        };
        let words = speaker.words();
        let listeners: Vec<Who> = Who::ALL
            .into_iter()
            .filter(|who| *who != speaker && (*who != Who::Third || talks.third.is_some()))
            .collect();
        let mut scores = vec![0.0_f32; listeners.len()];
        loop {
            tokio::time::sleep(Duration::from_millis(400)).await;
            for (who, score) in listeners.iter().zip(&mut scores).filter(|(who, _)| by.contains(who)) {
                if *score < SAME_WORDS {
                    let heard = self.heard(talks, *who, since, from)?;
                    // Words that were found would have been found earlier: the end is enough.
                    let latest = heard.len().saturating_sub(RATE * 6);
                    *score = score.max(correlate(&heard[latest..], &words).0);
                }
            }
            let all = listeners.iter().zip(&scores).all(|(who, score)| !by.contains(who) || *score >= SAME_WORDS);
            if (all && begun.elapsed() >= NOTHING) || begun.elapsed() > LIMIT {
                break;
            }
        }
        for (who, score) in listeners.iter().zip(scores) {
            if by.contains(who) {
                let what = format!("{} hears {} {when}", who.name(), speaker.name());
                self.checks.check(score >= SAME_WORDS, &what, format!("correlation {score:.2}"));
            } else {
                let heard = level(&self.heard(talks, *who, since, from)?);
                let what = format!("{} does not hear {} {when}", who.name(), speaker.name());
                self.checks.check(heard < AUDIBLE, &what, format!("level {heard:.4}"));
            }
        }
        drop(talking);
        hush();
        Ok(())
    }

    /// What somebody has heard since a moment, given on both clocks.
    fn heard(&self, talks: &Talks, who: Who, since: Moment, from: SystemTime) -> Result<Vec<f32>> {
        Ok(match who {
            Who::Agent => self.speaker.between(from, SystemTime::now())?,
            Who::Customer => talks.call.heard_by_customer().between(since, Moment::now()).to_vec(),
            Who::Third => talks.call.heard_by(talks.third()?).between(since, Moment::now()).to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Who;
    use crate::harness::sound::correlate;
    use crate::harness::talk::SAME_WORDS;

    #[test]
    fn one_voice_is_not_taken_for_another() {
        for wanted in Who::ALL {
            let words = wanted.words();
            for other in Who::ALL {
                let (score, _) = correlate(&other.round().repeat(2), &words);
                println!("{wanted:?} in {other:?}: {score:.2}");
                if other == wanted {
                    assert!(score > 0.95, "{wanted:?} is found: {score}");
                } else {
                    assert!(score < SAME_WORDS * 0.9, "{other:?} is not taken for {wanted:?}: {score}");
                }
            }
        }
    }
}
