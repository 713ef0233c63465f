use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-document-public",
    severity: Severity::High,
    sources: &[Source::SsmDocuments],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ssm.documents, |_, document| {
                let everyone = document.shared_with.get()?.iter().any(|account| account == "all");
                Ok(Verdict::fail_if(everyone))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ssm::Document},
        testing::{empty, fails, passes, read, region},
    };

    fn with_document(shared_with: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).ssm.documents = read(vec![Document {
            name: "deploy".into(),
            shared_with: read(shared_with.iter().map(|account| (*account).to_owned()).collect()),
        }]);
        account
    }

    #[test]
    fn fails_when_shared_with_all() {
        fails(&CHECK, &with_document(&["222233334444", "all"]));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_document(&["222233334444"]));
        passes(&CHECK, &with_document(&[]));
    }
}
