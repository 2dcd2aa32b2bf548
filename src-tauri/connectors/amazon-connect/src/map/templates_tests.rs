#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::json;
use trunkline_model::{TaskToken, UnixMillis};

use super::*;
use crate::fixture;

fn reply() -> TemplateReply {
    serde_json::from_value(fixture::json("amazon-connect", "get-task-template.response.json")).unwrap()
}

fn read() -> (TaskTemplate, Vec<FieldFixed>) {
    template(&"template-1".into(), reply())
}

fn filled(name: &str, value: &str) -> FieldValue {
    FieldValue { name: name.to_owned(), value: value.to_owned() }
}

/// All that the template requires.
fn request() -> TaskRequest {
    TaskRequest {
        token: TaskToken::from("3f8a2c1e-0000-4000-8000-000000000001"),
        name: "Refund".to_owned(),
        description: None,
        endpoint: None,
        references: Vec::new(),
        template: Some("template-1".into()),
        fields: vec![filled("Order number", "2041-77"), filled("Reason", "Damaged")],
        scheduled_for: None,
        previous: None,
        related: None,
    }
}

fn with(fields: &[(&str, &str)]) -> TaskRequest {
    let mut all = request().fields;
    for (name, value) in fields {
        all.retain(|field| field.name != *name);
        all.push(filled(name, value));
    }
    TaskRequest { fields: all, ..request() }
}

fn refused(request: &TaskRequest) -> Option<String> {
    let (template, fixed) = read();
    let error = references(&template, &fixed, request).expect_err("it is refused");
    assert_eq!(error.code, CommandCode::Invalid, "what was filled in is wrong");
    error.field
}

#[test]
fn fields_come_with_kinds_defaults_and_constraints() {
    let (template, fixed) = read();
    let names: Vec<&str> = template.fields.iter().map(|field| field.name.as_str()).collect();
    let expected = [
        "Task name",
        "Task description",
        "Assign to",
        "Begins",
        "Order number",
        "Reason",
        "Amount",
        "Photo page",
        "Customer mail",
        "Bought on",
        "Insured",
        "Notes",
        "Desk",
        "Expires after",
    ];
    assert_eq!(names, expected, "in the platform's order, without the one that agents do not see");
    let of = |name: &str| template.fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!(of("Order number").longest, Some(511), "fewer than 512 characters");
    assert!(of("Order number").required && !of("Amount").required, "as the template says");
    assert_eq!(of("Reason").options, ["Damaged", "Late", "Other"], "in its order");
    assert!(of("Desk").read_only, "agents do not change it");
    assert_eq!(of("Desk").default.as_deref(), Some("Returns"), "and it has a value");
    assert_eq!(of("Insured").default.as_deref(), Some("true"), "whatever its case");
    assert_eq!(of("Bought on").default.as_deref(), Some("1786207200000"), "seconds become milliseconds");
    assert_eq!(of("Expires after").kind, TaskFieldKind::Unknown("EXPIRY_DURATION".to_owned()), "kept by name");
    let hidden = FieldFixed { name: "Source".to_owned(), kind: TaskFieldKind::Text, value: "panel".to_owned() };
    assert_eq!(fixed, [hidden], "and what nobody sees goes along");
}

#[test]
fn what_is_filled_in_becomes_typed_references() {
    let (template, fixed) = read();
    let request = with(&[
        ("Amount", "12.50"),
        ("Photo page", "https://shop.example/1"),
        ("Customer mail", "ana@shop.example"),
        ("Bought on", "1786207200999"),
        ("Insured", "false"),
        ("Notes", " two\nlines "),
    ]);
    let all = references(&template, &fixed, &request).unwrap();
    let of = |name: &str| all.iter().find(|one| one.name == name).map(|one| (one.kind, one.value.clone()));
    assert_eq!(of("Order number"), Some(("STRING", json!("2041-77"))), "text");
    assert_eq!(of("Reason"), Some(("STRING", json!("Damaged"))), "a choice is text");
    assert_eq!(of("Amount"), Some(("NUMBER", json!(12.5))), "a number is a number");
    assert_eq!(of("Photo page"), Some(("URL", json!("https://shop.example/1"))), "an address");
    assert_eq!(of("Customer mail"), Some(("EMAIL", json!("ana@shop.example"))), "a mail address");
    assert_eq!(of("Bought on"), Some(("DATE", json!(1_786_207_200))), "whole seconds");
    assert_eq!(of("Insured"), Some(("STRING", json!("false"))), "true and false are texts");
    assert_eq!(of("Notes"), Some(("STRING", json!("two\nlines"))), "lines stay");
    assert_eq!(of("Desk"), Some(("STRING", json!("Returns"))), "what is fixed goes along");
    assert_eq!(of("Source"), Some(("STRING", json!("panel"))), "seen or not");
    assert_eq!(all.len(), 10, "and nothing else");
}

#[rstest]
#[case(TaskRequest { fields: Vec::new(), ..request() }, "Order number")]
#[case(with(&[("Order number", "   ")]), "Order number")]
#[case(with(&[("Order number", &"x".repeat(512))]), "Order number")]
#[case(with(&[("Notes", &"x".repeat(4096))]), "Notes")]
#[case(with(&[("Reason", "Because")]), "Reason")]
#[case(with(&[("Amount", "12,50")]), "Amount")]
#[case(with(&[("Amount", "1e999")]), "Amount")]
#[case(with(&[("Amount", "{\"a\":1}")]), "Amount")]
#[case(with(&[("Photo page", "javascript:alert(1)")]), "Photo page")]
#[case(with(&[("Photo page", "shop.example")]), "Photo page")]
#[case(with(&[("Customer mail", "ana at shop")]), "Customer mail")]
#[case(with(&[("Customer mail", "@shop.example")]), "Customer mail")]
#[case(with(&[("Bought on", "yesterday")]), "Bought on")]
#[case(with(&[("Insured", "maybe")]), "Insured")]
#[case(with(&[("Desk", "Another")]), "Desk")]
#[case(with(&[("Expires after", "60")]), "Expires after")]
#[case(with(&[("No such field", "x")]), "No such field")]
#[case(with(&[("Source", "mine")]), "Source")]
#[case(with(&[("Task name", "x")]), "Task name")]
fn each_fault_names_its_field(#[case] request: TaskRequest, #[case] field: &str) {
    assert_eq!(refused(&request).as_deref(), Some(field), "{:?}", request.fields);
}

#[test]
fn the_tasks_own_members_obey_the_template_too() {
    let (mut template, fixed) = read();
    let at = |template: &TaskTemplate, request: &TaskRequest| {
        references(template, &fixed, request).expect_err("it is refused").field
    };
    let field = template.fields.iter_mut().find(|field| field.kind == TaskFieldKind::QuickConnect).unwrap();
    field.required = true;
    assert_eq!(at(&template, &request()).as_deref(), Some("endpoint"), "somebody is to be named");
    template.fields.retain(|field| field.kind != TaskFieldKind::QuickConnect);
    let named = TaskRequest { endpoint: Some("arn/1".into()), ..request() };
    assert_eq!(at(&template, &named).as_deref(), Some("endpoint"), "the template's flow decides");
    template.fields.retain(|field| field.kind != TaskFieldKind::ScheduledTime);
    let later = TaskRequest { scheduled_for: Some(UnixMillis(1_786_207_200_000)), ..request() };
    assert_eq!(at(&template, &later).as_deref(), Some("scheduled_for"), "it knows no later");
    let name = template.fields.iter_mut().find(|field| field.kind == TaskFieldKind::Name).unwrap();
    (name.read_only, name.default) = (true, Some("Return of goods".to_owned()));
    assert_eq!(at(&template, &request()).as_deref(), Some("name"), "its name is fixed");
    let fine = TaskRequest { name: "Return of goods".to_owned(), ..request() };
    assert!(references(&template, &fixed, &fine).is_ok(), "which is then taken");
}

#[test]
fn odd_templates_do_no_harm() {
    let odd = json!({
        "fields": [
            {"id": {"name": "A"}, "type": "TEXT"}, {"id": {"name": "A"}, "type": "NUMBER"}, "text",
            {"id": {"name": " "}, "type": "TEXT"}, {"id": {}, "type": "TEXT"}, {"id": {"name": "B"}, "type": 7},
            {"id": {"name": "C"}, "type": "SINGLE_SELECT", "singleSelectOptions": ["x", 7]},
            {"id": {"name": "D"}, "type": "DATE_TIME"},
        ],
        "constraints": {"requiredFields": [{"id": {"name": "A"}}, 5], "invisibleFields": "none"},
        "defaults": {"defaultFieldValues": [{"id": {"name": "D"}, "defaultValue": "soon"}, null]},
    });
    let (template, fixed) = template(&"t".into(), serde_json::from_value(odd).unwrap());
    let names: Vec<&str> = template.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["A", "C", "D"], "each name once; what cannot be read is left out");
    assert!(template.fields[0].required, "small letters are read as well");
    assert_eq!(template.fields[1].options, ["x"], "choices are texts");
    assert_eq!(template.fields[2].default, None, "a time that is none is no default");
    assert_eq!((template.name.as_str(), fixed.len()), ("t", 0), "without a name its id stands for it");
    let inactive = json!({"TaskTemplates": [{"Id": "1", "Status": "INACTIVE"}, {"Id": "2"}, {"Name": "no id"}]});
    let page: wire::TemplatesPage = serde_json::from_value(inactive).unwrap();
    let shown: Vec<_> = page.task_templates.into_iter().filter_map(entry).map(|one| one.name).collect();
    assert_eq!(shown, ["2"], "no task can be made from the first, and the third cannot be asked for");
    assert!(serde_json::from_value::<wire::TemplatesPage>(json!({})).is_err(), "another answer is not an empty list");
    assert!(serde_json::from_value::<TemplateReply>(json!({"message": "no"})).is_err(), "nor a template");
}

#[test]
fn a_refusal_is_laid_at_its_field() {
    let (template, _) = read();
    let at = |path: &str| faulty(Some(&template), &[path.to_owned()]);
    assert_eq!(at("References.Order number.Value").as_deref(), Some("Order number"), "a reference");
    assert_eq!(at("Order number").as_deref(), Some("Order number"), "by itself");
    assert_eq!(at("Task name").as_deref(), Some("name"), "the member that the field stands for");
    assert_eq!(at("QuickConnectId").as_deref(), Some("endpoint"), "a member of the request");
    assert_eq!(at("Whatever"), None, "nothing known");
}
