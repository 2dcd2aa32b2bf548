//! The platform's event types: their sorts, and the names that differ between
//! its sources (section 4). A type that nobody knows goes through unchanged.

use trunkline_model::EventSort;

/// One type that is known.
type Known = (&'static str, EventSort);

use EventSort::{Call, Message, Other, ScreenPop, Status, ThirdParty};

/// Types by name in lower case, sorted.
const KNOWN: &[Known] = &[
    ("activecall", Call),
    ("agentauthentication", Status),
    ("agentcallconnected", Call),
    ("agentcalldisconnected", Call),
    ("agentdailysummary", Other),
    ("asyncmessagehistoricalresponse", Message),
    ("asyncmessagelistresponse", Message),
    ("asyncmessagereceived", Message),
    ("asyncmessageresetreadingtimeoutresponse", Message),
    ("asyncmessagescreenpop", ScreenPop),
    ("changemanualcallstate", Call),
    ("changestatusfail", Status),
    ("changestatustext", Status),
    ("changestatusvoice", Status),
    ("conferencepaused", Call),
    ("conferencerequestaccepted", Call),
    ("conferencerequestfail", Call),
    ("conferenceresumed", Call),
    ("connectagentlogincallfail", Call),
    ("consultingrequestfail", Call),
    ("currentdialogsresponse", Message),
    ("customerclosureconfirmation", Call),
    ("dialogterminated", Message),
    ("disableheartbeatcontrolresponse", Other),
    ("dispositionrequestfail", Call),
    ("dispositionresponse", Message),
    ("dropagentlogincallfail", Call),
    ("extendwraptimeoutresponse", Call),
    ("getmysupervisor", Other),
    ("heartbeatnotify", Other),
    ("inactivityalert", Message),
    ("listactivecalls", Call),
    ("listcalls", Call),
    ("listdispositions", Other),
    ("listdispositionsresponse", Other),
    ("listpausereasonsresponse", Other),
    ("listreasons", Other),
    ("logincampaignfail", Status),
    ("logincampaigntext", Status),
    ("logincampaignvoice", Status),
    ("loginccm", Status),
    ("loginccmfail", Status),
    ("loginresponse", Status),
    ("logoutcampaign", Status),
    ("logoutcampaignfail", Status),
    ("logoutccm", Status),
    ("logoutccmfail", Status),
    ("logoutreason", Status),
    ("logoutresponse", Status),
    ("manualcallrequestfail", Call),
    ("messagenotice", Message),
    ("messagereceived", Message),
    ("messageresponse", Message),
    ("newmsgfromsupervisor", Message),
    ("onlinecampaignchangestatusid", Status),
    ("participantjoinedconference", Call),
    ("participantleftconference", Call),
    ("passcode", Status),
    ("pauserecordingresponse", Call),
    ("pauseresponse", Status),
    ("previewcallresult", Call),
    ("previewcallstate", Call),
    ("previewdnislocateresult", Call),
    ("privatecallbackfail", Call),
    ("quitpauseresponse", Status),
    ("recordstatenotify", Call),
    ("redialrequestfail", Call),
    ("redialsuccess", Call),
    ("refercallrequestfail", Call),
    ("resumerecordingresponse", Call),
    ("screenpoppossiblecustomers", ScreenPop),
    ("screenpoptext", ScreenPop),
    ("screenpopvoice", ScreenPop),
    ("sendmsgtosupervisorfail", Message),
    ("setcurrentcustomerfail", Call),
    ("setcurrentcustomersuccess", Call),
    ("stopconferencerequestaccepted", Call),
    ("stopconferencerequestfail", Call),
    ("thirdpartyevent", ThirdParty),
    ("thirdpartyscreenpop", ScreenPop),
    ("transferresponse", Message),
    ("typing", Message),
    ("voicesupportpause", Other),
    ("voicesupportresume", Other),
    ("voicesupportstart", Other),
    ("voicesupportstop", Other),
];

/// Other names for the same, in lower case.
const ALIASES: &[(&str, &str)] = &[
    ("thirdparty", "thirdpartyevent"),
    ("customerclosureconfirm", "customerclosureconfirmation"),
    ("changepreviewcallstate", "previewcallstate"),
    ("changepreviewcallresult", "previewcallresult"),
    ("pauserecordingrespons", "pauserecordingresponse"),
];

/// Types that have one name in voice and another in text campaigns.
const BY_CHANNEL: [&str; 3] = ["screenpop", "changestatus", "logincampaign"];

/// The name by which our own handling knows a type: lower case, aliases and the
/// suffixes of channels resolved. `voice`: of a voice campaign. `from_customer`:
/// its data has a `sender`, by which alone a message can be told from an answer.
pub fn known_as(kind: &str, voice: bool, from_customer: bool) -> String {
    let name = kind.trim().to_lowercase();
    if let Some((_, other)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return (*other).to_owned();
    }
    if BY_CHANNEL.contains(&name.as_str()) {
        return format!("{name}{}", if voice { "voice" } else { "text" });
    }
    if from_customer && name == "messageresponsetext" {
        return "messagereceived".to_owned();
    }
    match name.strip_suffix("text") {
        // Some sources write "Text" behind every type of a chat.
        Some(short) if is_known(short) && !is_known(&name) => short.to_owned(),
        _ => name,
    }
}

fn is_known(name: &str) -> bool {
    KNOWN.binary_search_by(|(known, _)| known.cmp(&name)).is_ok()
}

/// The sort of a type by the name of [`known_as`]. Of a type that nobody knows,
/// its name may still say that it pops a screen.
pub fn sort(name: &str) -> EventSort {
    match KNOWN.binary_search_by(|(known, _)| known.cmp(&name)) {
        Ok(at) => KNOWN[at].1,
        Err(_) if name.contains("screenpop") => ScreenPop,
        Err(_) if name.starts_with("thirdparty") => ThirdParty,
        Err(_) => Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0), "a search by halves needs that");
        assert!(ALIASES.iter().all(|(alias, name)| is_known(name) && !is_known(alias)), "an alias leads to a type");
    }

    #[test]
    fn names_of_all_sources_lead_to_one() {
        for (kind, voice, wanted) in [
            ("ThirdParty", true, "thirdpartyevent"),
            ("ThirdPartyEvent", true, "thirdpartyevent"),
            ("ScreenPop", true, "screenpopvoice"),
            ("SCREENPOPVOICE", true, "screenpopvoice"),
            ("screenpop", false, "screenpoptext"),
            ("ScreenPopText", false, "screenpoptext"),
            ("ChangeStatus", true, "changestatusvoice"),
            ("changestatustext", false, "changestatustext"),
            ("LoginCampaign", false, "logincampaigntext"),
            ("CustomerClosureConfirm", true, "customerclosureconfirmation"),
            ("ChangePreviewCallState", true, "previewcallstate"),
            ("PauseRecordingRespons", true, "pauserecordingresponse"),
            ("LoginResponseText", false, "loginresponse"),
            ("TypingText", false, "typing"),
            ("MessageNoticeText", false, "messagenotice"),
            ("Context", true, "context"),
            ("SomethingNew", true, "somethingnew"),
        ] {
            assert_eq!(known_as(kind, voice, false), wanted, "{kind}");
        }
        assert_eq!(known_as("messageresponsetext", false, true), "messagereceived", "decided by its fields");
        assert_eq!(known_as("messageresponsetext", false, false), "messageresponse");
    }

    #[test]
    fn a_type_that_nobody_knows_has_a_sort_all_the_same() {
        assert_eq!(sort("screenpopsomethingnew"), ScreenPop);
        assert_eq!(sort("thirdpartysomething"), ThirdParty);
        assert_eq!(sort("somethingnew"), Other);
    }
}
