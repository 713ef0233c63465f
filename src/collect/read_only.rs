//! The promise to change nothing, enforced: an interceptor in every client refuses to send an operation
//! that is not in the table of read operations.

use aws_audit_checks::source;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef, dyn_dispatch_hint},
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses every operation outside [`source::operation`]'s table.
#[derive(Debug)]
pub(super) struct ReadOnly;

#[dyn_dispatch_hint]
impl Intercept for ReadOnly {
    fn name(&self) -> &'static str {
        "ReadOnly"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match bag.load::<Metadata>() {
            Some(metadata) if source::operation(metadata.service(), metadata.name()).is_some() => Ok(()),
            Some(metadata) => Err(format!(
                "{}:{} is not in the table of read operations and was not sent",
                metadata.service(),
                metadata.name()
            )
            .into()),
            None => Err("an operation without a name was not sent".into()),
        }
    }
}
