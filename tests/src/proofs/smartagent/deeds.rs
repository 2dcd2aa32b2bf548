//! What the page calls, and where that is seen.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;
use trunkline_simulators::amazon_connect::SimCall;

use super::{CARD, CARD_NAME, Desk, WITNESS, about, sight};
use crate::harness::stage::{AGENT, PATIENCE};

const CUSTOMER: &str = "[data-testid='call'] [data-testid='customer']";
const RENAMED: &str = "Ana Maria Example";
/// The account's name, which stands in for a company where no administrator has set one.
const COMPANY: &str = "Sales desk";

impl Desk {
    /// Who the agent is; and what needs a contact says that there is none.
    pub(super) async fn without_a_contact(&mut self) -> Result<()> {
        self.checks.step("before there is a contact");
        let user = self.card.does("getUser", &[]).await?;
        let fits = user["username"] == AGENT && user["companyId"] == COMPANY;
        self.checks.check(fits, "getUser tells who the agent is", &user);
        let bare = !user.to_string().contains(&self.stage.sim.token(AGENT));
        self.checks.check(bare, "and no secret of theirs", bare);
        let company = self.card.does("getCompanyID", &[]).await?;
        self.checks.check(company == COMPANY, "getCompanyID tells the company", &company);
        if fits && bare {
            self.table.method("getUser", "the signed-in agent's login and company, no token");
        }
        if company == COMPANY {
            self.table.method("getCompanyID", "the account's name, for no administrator has set another");
        }
        self.refused(CARD, "updateContact", &[json!({ "case": "C-1" })], "no_contact").await?;
        self.refused(WITNESS, "getUser", &[], "not_allowed").await?;
        self.refused(CARD, "send", &[json!("make_coffee")], "unknown_event").await.map(drop)
    }

    /// A payload that is not what the message wants, one for each.
    pub(super) async fn what_does_not_fit(&mut self) -> Result<()> {
        self.checks.step("payloads that do not fit");
        let cases = [
            ("update_contact", json!({ "visits": 4 })),
            ("update_customer", json!({ "name": ["Ana"] })),
            ("transfer_call", json!({ "number": "+12025550188", "name": "Head office" })),
            ("end_conference_call", json!({ "connection": "Head office" })),
            ("quick_connect", json!({ "message": "no name" })),
            ("show_notification", json!({ "type": "SHOW", "header": "a", "text": "b" })),
            ("show_popup_message", json!({ "type": "INFO", "popupMessage": "a" })),
        ];
        for (message, payload) in cases {
            let reason = self.refused(CARD, "sendMessage", &[json!(message), payload.clone()], "bad_payload").await?;
            self.table.refusal(message, &format!("{payload}: bad_payload, {reason}"));
        }
        Ok(())
    }

    /// A call of a page's is refused with this code, and a reason. Gives the reason.
    async fn refused(&mut self, plugin: &str, method: &str, values: &[Value], code: &str) -> Result<String> {
        let page = if plugin == CARD { self.card.clone() } else { self.witness.clone() };
        let said = page.call(method, values).await?;
        let what = format!("{plugin}: {method} {}: {code}", Value::Array(values.to_vec()));
        let (is, reason) = said.as_ref().err().map_or(("done", ""), |no| (&no.code, &no.reason));
        let fits = is == code && !reason.is_empty();
        self.checks.check(fits, &what, format!("{said:?}"));
        ensure!(fits, "{what}, but {said:?}");
        Ok(reason.to_owned())
    }

    /// Out of sight and back, and its name.
    pub(super) async fn seen_and_hidden(&mut self) -> Result<()> {
        self.checks.step("showPlugin, hidePlugin, setTitleTag");
        let frame = format!("[data-testid='plugin'][data-plugin='{CARD}']");
        self.stage.wait_words(&frame, CARD_NAME).await?;
        let spot = sight::spot_of_page(&self.stage).await?;
        let seen = sight::wait_colour(&self.stage, spot, true).await;
        self.checks.require(seen, "the page is seen beside the call")?;
        self.stage.picture("beside-a-call");
        self.card.does("hidePlugin", &[]).await?;
        let gone = self.stage.wait_none(&frame).await;
        self.checks.require(gone, "hidePlugin: its place is gone")?;
        let gone = sight::wait_colour(&self.stage, spot, false).await;
        self.checks.require(gone, "and nothing of the page is seen")?;
        self.table.method("hidePlugin", "beside a call: place and page go out of sight");
        self.stage.picture("hidden");
        self.card.does("showPlugin", &[]).await?;
        let back = self.stage.wait_words(&frame, CARD_NAME).await;
        self.checks.require(back, "showPlugin: its place is there again")?;
        let spot = sight::spot_of_page(&self.stage).await?;
        let seen = sight::wait_colour(&self.stage, spot, true).await;
        self.checks.require(seen, "with the page in it")?;
        self.table.method("showPlugin", "beside a call: place and page are seen again");

        self.card.does("setTitleTag", &[json!("Orders (2)")]).await?;
        let titled = self.stage.wait_words("[data-testid='plugin-title']", "Orders (2)").await;
        self.checks.require(titled, "setTitleTag: its place is called so")?;
        // Two of them have tabs.
        self.stage.rpc("plugin_show", json!({ "plugin": WITNESS, "on": true })).await?;
        let tab = format!("[data-testid='plugin-tab'][data-plugin='{CARD}']");
        let titled = self.stage.wait_words(&tab, "Orders (2)").await;
        self.checks.require(titled, "and its tab, beside another plugin's")?;
        self.stage.picture("tabs");
        self.stage.rpc("plugin_show", json!({ "plugin": WITNESS, "on": false })).await?;
        self.table.method("setTitleTag", "the title of its place and of its tab");
        Ok(())
    }

    /// Said twice, it does no harm, and tells of the contact at hand.
    pub(super) async fn introduced_again(&mut self, call: &SimCall) -> Result<()> {
        let again = self.card.does("init", &[]).await?;
        self.checks.check(
            about(call)(&again),
            "init said again tells of the contact at hand",
            &again["contact"]["contactId"],
        );
        self.checks.check(again["visible"] == true, "and that the page is to be seen", &again["visible"]);
        Ok(())
    }

    /// Attributes and customer data: at the desk, on the card, and at the other plugin.
    pub(super) async fn annotated(&mut self, call: &SimCall) -> Result<()> {
        self.checks.step("updateContact, update_contact, update_customer");
        self.card.does("updateContact", &[json!({ "case": "C-1001" })]).await?;
        self.attribute_is_seen(call, "case", "C-1001").await?;
        self.table.method("updateContact", "an attribute at the desk, on the card and at a second plugin");
        let scenario = "an attribute of another plugin's arrives at a second one";
        self.table.event("contact_updated", scenario);
        self.card.does("send", &[json!("update_contact"), json!({ "tier": "gold" })]).await?;
        self.attribute_is_seen(call, "tier", "gold").await?;
        self.table.message("update_contact", "an attribute at the desk, on the card and at a second plugin");
        self.refused(WITNESS, "updateContact", &[json!({ "case": "C-2" })], "not_allowed").await?;

        let mark = self.witness.mark();
        let customer = json!({ "name": RENAMED, "ID": "K-7", "email": "ana@example.com" });
        // The payload may be the JSON of it: the readme's signature has text.
        self.card.does("sendMessage", &[json!("update_customer"), json!(customer.to_string())]).await?;
        let named = self.stage.wait_words(CUSTOMER, RENAMED).await;
        self.checks.require(named, "update_customer: the card has the new name")?;
        let told = self.witness.hears(mark, "contact_updated", |payload| {
            let customer = &payload["contact"]["customer"];
            customer["name"] == RENAMED && customer["ID"] == "K-7" && customer["email"] == "ana@example.com"
        });
        let told = told.await;
        self.checks.require(told, "and the other plugin has all of it")?;
        self.table.message("update_customer", "the name on the card; name, id and e-mail at a second plugin");
        let script = "document.querySelector(arguments[0]).scrollIntoView({ block: 'end' });";
        self.stage.script(script, vec![json!("[data-testid='attributes']")]).await?;
        self.stage.picture("annotated");
        Ok(())
    }

    async fn attribute_is_seen(&mut self, call: &SimCall, name: &'static str, value: &'static str) -> Result<()> {
        let at_desk = self.stage.wait_snapshot("the attribute", |desk| {
            let attributes = desk["contacts"][0]["contact"]["attributes"].as_array()?;
            attributes.iter().find(|one| one["name"] == name && one["value"] == value).map(drop)
        });
        let at_desk = at_desk.await;
        self.checks.require(at_desk, &format!("{name} = {value} is an attribute at the desk"))?;
        let shown = self.stage.wait_words("[data-testid='attributes']", value).await;
        self.checks.require(shown, "is shown in the panel")?;
        let here = about(call);
        let told = self
            .witness
            .hears(0, "contact_updated", |payload| here(payload) && payload["contact"]["attributes"][name] == value);
        let told = told.await;
        self.checks.require(told, "and told to the other plugin").map(drop)
    }

    /// A further listener is called until it is taken away.
    pub(super) async fn listeners(&mut self) -> Result<()> {
        self.checks.step("on, off");
        self.card.does("on", &[json!("contact_updated")]).await?;
        let mark = self.card.mark();
        self.card.does("updateContact", &[json!({ "visits": "1" })]).await?;
        let called =
            self.card.hears(mark, "further listener", |payload| payload["contact"]["attributes"]["visits"] == "1");
        let called = called.await;
        self.checks.require(called, "a listener that comes later is called")?;
        self.table.method("on", "listeners of all events, and one that comes later");
        self.card.does("off", &[json!("contact_updated")]).await?;
        let mark = self.card.mark();
        self.card.does("updateContact", &[json!({ "visits": "2" })]).await?;
        let first =
            self.card.hears(mark, "contact_updated", |payload| payload["contact"]["attributes"]["visits"] == "2");
        let first = first.await;
        self.checks.require(first, "one taken away leaves the others")?;
        // Reports and answers come one after the other: what was heard before this is there.
        self.card.does("getUser", &[]).await?;
        let still = self.card.since(mark).into_iter().filter(|(name, _)| name == "further listener").count();
        self.checks.check(still == 0, "and is not called any more", still);
        if still == 0 {
            self.table.method("off", "the listener is called no more, another of that event is");
        }
        Ok(())
    }

    /// Notifications and messages for a moment.
    pub(super) async fn told(&mut self) -> Result<()> {
        self.checks.step("show_notification, show_popup_message");
        let words = "Callback promised for five";
        let note = |kind: &str| json!({ "type": kind, "header": "Callback", "text": words });
        self.card.does("send", &[json!("show_notification"), note("CREATE_NOTIFICATION")]).await?;
        let shown = self.stage.wait_notice(words).await;
        self.checks.require(shown, "show_notification: it is among the panel's notifications")?;
        let from = self.say.say("notice_plugin_from", &[("plugin", CARD_NAME)])?;
        let named = self.stage.wait_words("[data-testid='notice-from']", &from).await;
        self.checks.require(named, "under the plugin's name")?;
        self.stage.picture("notification");
        self.card.does("send", &[json!("show_notification"), note("CLEAR_NOTIFICATION")]).await?;
        let gone = self.gone("[data-testid='notice-text']", words).await;
        self.checks.require(gone, "and is cleared by the page")?;
        self.table.message("show_notification", "a notification in the panel, and cleared again");

        for (kind, level, words) in
            [("SUCCESS", "success", "Saved in the CRM"), ("ERROR", "error", "The CRM does not answer")]
        {
            let popup = json!({ "type": kind, "popupMessage": words });
            self.card.does("send", &[json!("show_popup_message"), popup]).await?;
            let selector = format!("[data-testid='popup'][data-level='{level}']");
            let shown = self.stage.wait_words(&selector, words).await;
            self.checks.require(shown, &format!("show_popup_message {kind}: the agent sees it"))?;
            let named = self.stage.wait_words(&selector, CARD_NAME).await;
            self.checks.require(named, "under the plugin's name")?;
        }
        self.stage.picture("pop-ups");
        let gone = self.gone("[data-testid='popup']", "Saved in the CRM").await;
        self.checks.require(gone, "one goes by itself")?;
        // What went wrong is shown for longer, over the buttons of the call.
        self.stage.click_at("[data-testid='popup'][data-level='error'] [data-testid='popup-dismiss']").await?;
        let gone = self.stage.wait_none("[data-testid='popup']").await;
        self.checks.require(gone, "and the other is put away by the agent")?;
        self.table.message(
            "show_popup_message",
            "both kinds seen under the plugin's name; one goes by itself, one is put away",
        );
        self.table.method("sendMessage", "each message above; payload as object and as text; also by its name send");
        Ok(())
    }

    async fn gone(&self, selector: &str, words: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.stage.words(selector).await?.iter().any(|shown| shown.contains(words)) {
            ensure!(Instant::now() < end, "{words:?} is still there");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// The directory is read again, and not twice in five seconds.
    pub(super) async fn directory(&mut self) -> Result<()> {
        self.checks.step("update_quick_connects");
        let before = self.stage.sim.requests_of("GetEndpoints").len();
        self.card.does("send", &[json!("update_quick_connects")]).await?;
        let asked = self.stage.sim.requests_of("GetEndpoints").len() - before;
        self.checks.check(asked > 0, "update_quick_connects: the platform is asked", asked);
        if asked > 0 {
            self.table.message("update_quick_connects", "the platform is asked for the directory again");
        }
        let before = self.stage.sim.requests_of("GetEndpoints").len();
        let reason = self.refused(CARD, "send", &[json!("update_quick_connects")], "failed").await?;
        let asked = self.stage.sim.requests_of("GetEndpoints").len() - before;
        self.checks.check(asked == 0, "and not at once again", asked);
        self.table.refusal("update_quick_connects", &format!("within five seconds: failed, {reason}"));
        Ok(())
    }
}
