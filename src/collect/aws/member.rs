//! Other accounts with the credentials of one: a role in each, assumed anew before its session expires. The way to AWS
//! stays the same: one HTTP client for all.

use std::{sync::Arc, time::Duration};

use aws_audit_checks::page::Lang;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use super::{
    Aws,
    credentials::Chain,
    session::{Provider, Session},
};
use crate::error::{Said, causes};

/// Times that a role is tried to be assumed while STS has no time, or does not answer.
const ATTEMPTS: u32 = 4;

/// A role of another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// Its ARN.
    pub arn: String,
    /// What its trust policy wants to hear.
    pub external_id: Option<String>,
    /// Who it is for: stays in CloudTrail through all roles that are assumed from there on.
    pub source_identity: Option<String>,
    /// The session's name in CloudTrail; `aws-audit` when none.
    pub session_name: Option<String>,
}

/// Why a role was not assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAssumed {
    /// AWS refused: the role is not there, or does not trust the caller, or the caller may not.
    Refused(Said),
    /// There was no answer.
    NoAnswer(Said),
    /// Something else: there are no credentials to ask with.
    Other(Said),
}

impl Aws {
    /// The same way to AWS with the credentials of a role, which are renewed before they expire.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn assume(&self, role: &Assume, lang: Lang) -> Result<Self, NotAssumed> {
        let (Some(session), Some(settings)) = (&self.session, &self.settings) else {
            return Err(NotAssumed::Other(Said::words("a recording has no other accounts")));
        };
        let chain = Chain::member(Arc::clone(session), role);
        let way = session.way().clone();
        for attempt in 1.. {
            match chain.assume_first(&way).await {
                Ok(credentials) => {
                    let session = Session::begun(chain, Arc::clone(settings), way, lang, credentials);
                    let provider = SharedCredentialsProvider::new(Provider(Arc::clone(&session)));
                    return Ok(Self {
                        config: self.config.to_builder().credentials_provider(provider).build(),
                        session: Some(session),
                        settings: Some(Arc::clone(settings)),
                        ..*self
                    });
                }
                Err(error) => {
                    let told = Said::words(causes(&error));
                    let service = error.as_service_error();
                    let code = service.and_then(|error| error.code()).unwrap_or_default();
                    if matches!(error, SdkError::ConstructionFailure(_)) {
                        return Err(NotAssumed::Other(told));
                    }
                    let is_passing = match service {
                        Some(_) => {
                            let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
                            status >= 500 || code.contains("Throttl") || code == "RequestLimitExceeded"
                        }
                        None => true,
                    };
                    if is_passing && attempt < ATTEMPTS {
                        let longest = Duration::from_millis(500 << attempt);
                        tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                        continue;
                    }
                    let message = service.and_then(|error| error.message());
                    return Err(match service {
                        None => NotAssumed::NoAnswer(told),
                        Some(_) if is_passing => NotAssumed::NoAnswer(told),
                        Some(_) if code.contains("AccessDenied") || code.contains("RegionDisabled") => {
                            NotAssumed::Refused(Said::words(format!(
                                "{code}: {}",
                                message.unwrap_or_default()
                            )))
                        }
                        Some(_) => {
                            NotAssumed::Other(Said::words(format!("{code}: {}", message.unwrap_or_default())))
                        }
                    });
                }
            }
        }
        unreachable!("the attempts are counted")
    }
}
