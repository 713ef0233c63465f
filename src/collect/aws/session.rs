//! Credentials while a scan runs: got once, renewed before they expire, and again when AWS refuses them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use aws_audit_checks::page::Lang;
use aws_config::SdkConfig;
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, error::CredentialsError, future},
};

use super::{credentials::Chain, settings::Settings};
use crate::error::Said;

/// Credentials are renewed this long before they expire, so that no page of a long list is refused.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// Between two tries to renew. Programs that keep credentials for themselves give the same ones again until
/// they expire.
const BETWEEN_TRIES: Duration = Duration::from_secs(10);
/// How long a request waits for new credentials when the old ones have expired. It is sent with those then; the
/// answer to it decides.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The credentials of a scan. All clients share them.
#[derive(Debug)]
pub(super) struct Session {
    chain: Chain,
    settings: Arc<Settings>,
    /// The way to AWS, without credentials.
    config: SdkConfig,
    /// What to speak with the user.
    lang: Lang,
    held: Mutex<Option<Held>>,
    /// One renewal at a time.
    renewing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Held {
    credentials: Credentials,
    /// When they came in the place of others.
    renewed: Option<Instant>,
    /// When to get others, if they expire.
    renew_at: Option<SystemTime>,
    /// When others were last asked for.
    tried: Option<Instant>,
    /// Whether AWS refused them as expired, and no others were asked for since.
    refused: bool,
    /// Whether it was told that there are no others.
    told: bool,
}

impl Session {
    pub(super) fn new(chain: Chain, settings: Arc<Settings>, config: SdkConfig, lang: Lang) -> Arc<Self> {
        let (held, renewing) = (Mutex::default(), tokio::sync::Mutex::default());
        Arc::new(Self { chain, settings, config, lang, held, renewing })
    }

    /// One that has its first credentials.
    pub(super) fn begun(
        chain: Chain,
        settings: Arc<Settings>,
        config: SdkConfig,
        lang: Lang,
        credentials: Credentials,
    ) -> Arc<Self> {
        let session = Self::new(chain, settings, config, lang);
        *session.held() = Some(Held::new(credentials));
        session
    }

    /// The way to AWS, without credentials.
    pub(super) const fn way(&self) -> &SdkConfig {
        &self.config
    }

    /// Where the credentials come from.
    pub(super) fn source(&self, lang: Lang) -> String {
        self.chain.describe(lang)
    }

    /// Gets the first credentials.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) async fn begin(&self) -> Result<(), Said> {
        let credentials = self.chain.load(&self.settings, &self.config, self.lang).await?;
        *self.held() = Some(Held::new(credentials));
        Ok(())
    }

    /// Asks for other credentials. The lock on renewals must be held.
    async fn try_once(&self) {
        if let Some(held) = &mut *self.held() {
            held.tried = Some(Instant::now());
        }
        let answer = self.chain.load(&self.settings, &self.config, self.lang).await;
        let mut held = self.held();
        match (answer, &mut *held) {
            (Ok(new), held) => {
                let now = Some(Instant::now());
                *held = Some(Held { renewed: now, tried: now, ..Held::new(new) });
            }
            (Err(why), Some(old)) => {
                // AWS has the last word on those that there are.
                old.refused = false;
                if !std::mem::replace(&mut old.told, true) {
                    let told = why.within(
                        |why| format!("the credentials were not renewed: {why}"),
                        |why| format!("認証情報を更新できません：{why}"),
                    );
                    crate::warn(&told, self.lang);
                }
            }
            (Err(_), None) => {}
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to sign a request with. Renews in the background when it is time; a request waits for that only when
    /// the credentials at hand have expired.
    async fn credentials(self: Arc<Self>) -> provider::Result {
        let Some(held) = self.held().clone() else {
            return Err(CredentialsError::not_loaded("there are no credentials yet"));
        };
        if !self.chain.is_renewable() || !held.is_due() {
            return Ok(held.credentials);
        }
        let expired = held.credentials.expiry().is_some_and(|time| time <= SystemTime::now());
        let is_needed = expired || held.refused;
        let is_renewing = self.renewing.try_lock().is_err();
        let may_try = (held.refused || held.may_try()) && !is_renewing;
        if may_try || (is_needed && is_renewing) {
            let session = Arc::clone(&self);
            // In a task of its own: who waits for it may be gone before it ends.
            let renewal = tokio::spawn(async move {
                let _one = session.renewing.lock().await;
                let held = session.held().clone();
                if held.is_some_and(|held| held.refused || (held.is_due() && held.may_try())) {
                    session.try_once().await;
                }
            });
            if is_needed {
                let _ = tokio::time::timeout(LONGEST_WAIT, renewal).await;
            }
        }
        Ok(self.held().as_ref().map_or(held.credentials, |held| held.credentials.clone()))
    }
}

impl Held {
    fn new(credentials: Credentials) -> Self {
        let renew_at = credentials.expiry().map(|expiry| {
            let left = expiry.duration_since(SystemTime::now()).unwrap_or_default();
            // A session that is short is renewed when half of it is over, not at every request.
            expiry - AHEAD.min(left / 2)
        });
        Self { credentials, renewed: None, renew_at, tried: None, refused: false, told: false }
    }

    fn may_try(&self) -> bool {
        self.tried.is_none_or(|tried| tried.elapsed() >= BETWEEN_TRIES)
    }

    fn is_due(&self) -> bool {
        self.refused || self.renew_at.is_some_and(|time| time <= SystemTime::now())
    }
}

/// What the caller of AWS may do about a scan's credentials.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Identities(pub(super) Option<Arc<Session>>);

impl Identities {
    /// Gives up the credentials at hand, which AWS refused as expired: the next request waits for others, where
    /// there can be any.
    pub(in super::super) fn renew(&self) {
        if let Some(session) = &self.0
            && let Some(held) = &mut *session.held()
        {
            // What is refused now may have been sent before these came.
            held.refused = held.renewed.is_none_or(|renewed| renewed.elapsed() >= BETWEEN_TRIES);
        }
    }

    /// Whether the credentials at hand are a session's, which expires.
    pub(in super::super) fn are_temporary(&self) -> bool {
        let session = self.0.as_ref();
        session.is_some_and(|session| {
            session.held().as_ref().is_some_and(|held| held.credentials.session_token().is_some())
        })
    }
}

/// [`Session`] as the SDK's clients ask for credentials.
#[derive(Clone, Debug)]
pub(super) struct Provider(pub(super) Arc<Session>);

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(Arc::clone(&self.0).credentials())
    }
}
