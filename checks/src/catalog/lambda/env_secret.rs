use crate::{catalog::secrets_verdict, check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "lambda-env-secret",
    severity: Severity::High,
    sources: &[Source::LambdaFunctions],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.lambda.functions, |_, function| {
                Ok(secrets_verdict(function.secrets.get()?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        catalog::a_secret,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_function(|f| f.secrets = read(vec![a_secret("DB_PASSWORD")])));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_function(|_| ()));
    }
}
