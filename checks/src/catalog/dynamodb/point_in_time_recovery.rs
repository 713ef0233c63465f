use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "dynamodb-point-in-time-recovery",
    severity: Severity::Low,
    sources: &[Source::DynamoDbTables, Source::DynamoDbContinuousBackups],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.dynamodb.tables, |_, table| {
                Ok(Verdict::fail_if(!*region.dynamodb.point_in_time_recovery.of(&table.name)?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, dynamodb::Table},
        testing::{empty, fails, passes, read, region},
    };

    fn with_recovery(on: bool) -> Snapshot {
        let mut account = empty();
        let dynamodb = &mut region(&mut account).dynamodb;
        dynamodb.tables = read(vec![Table { name: "orders".into() }]);
        dynamodb.point_in_time_recovery = read([("orders".to_owned(), read(on))].into());
        account
    }

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_recovery(false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_recovery(true));
    }
}
