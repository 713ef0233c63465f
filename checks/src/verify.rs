//! Whether findings of a report are mended, by a report of what was read since: `aws-audit verify`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    diff::{Sight, View},
    finding::{Resource, Status},
    report::{Report, ReportFinding},
};

/// A finding, looked at again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    /// The finding's id.
    pub id: String,
    /// The check's id.
    pub check: String,
    /// What was judged.
    pub resource: Resource,
    /// What became of it.
    pub outcome: Outcome,
    /// What is wrong, or could not be read; none for one that is fixed.
    pub message: Option<String>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The resource was looked at and is fine, or is no longer there.
    Fixed,
    /// It still fails.
    Open,
    /// Something that the check needs could not be read.
    Unknown,
}

/// The JSON Schema of what `aws-audit verify` prints, a list: `docs/verify.schema.json`.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Vec<Verified>)
}

/// The findings, as the later report sees them: one that is accepted still fails.
#[must_use]
pub fn verify<'a>(findings: impl IntoIterator<Item = &'a ReportFinding>, now: &Report) -> Vec<Verified> {
    let view = View::new(now);
    let verified = findings.into_iter().map(|finding| {
        let (outcome, message) = match view.sight(finding) {
            Sight::Fine => (Outcome::Fixed, None),
            Sight::Hidden | Sight::OutOfScope => (Outcome::Unknown, None),
            Sight::Listed(listed) if listed.status == Status::Unknown => {
                (Outcome::Unknown, Some(listed.message.clone()))
            }
            Sight::Listed(listed) => (Outcome::Open, Some(listed.message.clone())),
        };
        Verified {
            id: finding.id.clone(),
            check: finding.check.clone(),
            resource: finding.resource.clone(),
            outcome,
            message,
        }
    });
    verified.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        framework,
        gap::Collected,
        page::Lang,
        registry,
        report::Options,
        settings::Settings,
        testing::{denied, empty, read, region},
    };

    const CHECK: &str = "ebs-default-encryption";

    fn report(encrypted: Collected<bool>) -> Report {
        let mut account = empty();
        region(&mut account).ec2.ebs_encryption_by_default = encrypted;
        let evaluation =
            registry::evaluate(&[registry::find(CHECK).unwrap()], &account, &Settings::default(), true);
        let framework = framework::find(framework::DEFAULT).unwrap();
        Report::new(&account, &evaluation, &Options { framework, lang: Lang::En })
    }

    #[test]
    fn what_is_printed_fits_its_schema() {
        let schema = jsonschema::validator_for(json_schema().as_value()).unwrap();
        let earlier = report(read(false));
        for now in [report(read(true)), report(read(false)), report(denied())] {
            let mut printed = serde_json::to_value(verify(&earlier.findings, &now)).unwrap();
            schema.validate(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
            // And nothing else does.
            printed[0]["outcome"] = "resolved".into();
            assert!(!schema.is_valid(&printed));
            printed[0].as_object_mut().unwrap().remove("outcome");
            assert!(!schema.is_valid(&printed));
        }
        assert!(schema.is_valid(&serde_json::json!([])));
    }

    #[test]
    fn only_what_was_looked_at_is_fixed() {
        let earlier = report(read(false));
        let outcome = |now: &Report| {
            let verified = verify(&earlier.findings, now);
            assert_eq!((verified.len(), verified[0].check.as_str()), (1, CHECK));
            (verified[0].outcome, verified[0].message.is_some())
        };
        assert_eq!(outcome(&report(read(true))), (Outcome::Fixed, false));
        assert_eq!(outcome(&report(read(false))), (Outcome::Open, true));
        assert_eq!(outcome(&report(denied())), (Outcome::Unknown, true));
        let mut elsewhere = report(read(true));
        elsewhere.regions = vec!["us-east-1".into()];
        elsewhere.findings.clear();
        assert_eq!(outcome(&elsewhere), (Outcome::Unknown, false));
        let mut accepted = report(read(false));
        accepted.findings[0].status = Status::Suppressed;
        assert_eq!(outcome(&accepted), (Outcome::Open, true), "accepted is not fixed");
    }
}
