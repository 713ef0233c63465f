//! The identity that requests are signed with: kept until shortly before it expires, and given up when AWS
//! refuses it, so that the next request asks the credentials provider anew. (The SDK's own cache holds on to an
//! identity that is refused until the time that the provider said.)

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    identity::{IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::config_bag::ConfigBag;

/// A cache of identities for all clients.
#[derive(Clone, Debug)]
pub(super) struct Identities(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    make: fn() -> SharedIdentityCache,
    cache: RwLock<SharedIdentityCache>,
    temporary: AtomicBool,
}

impl Identities {
    /// Keeps identities as the cache does that this makes.
    pub(super) fn new(make: fn() -> SharedIdentityCache) -> Self {
        Self(Arc::new(Shared { make, cache: RwLock::new(make()), temporary: AtomicBool::default() }))
    }

    /// Gives up what is kept.
    pub(super) fn renew(&self) {
        *self.0.cache.write().unwrap_or_else(PoisonError::into_inner) = (self.0.make)();
    }

    /// Whether the last identity is of a session, which expires.
    pub(super) fn are_temporary(&self) -> bool {
        self.0.temporary.load(Ordering::Relaxed)
    }
}

impl Default for Identities {
    fn default() -> Self {
        Self::new(|| IdentityCache::lazy().build())
    }
}

impl ResolveCachedIdentity for Identities {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let cache = self.0.cache.read().unwrap_or_else(PoisonError::into_inner).clone();
        IdentityFuture::new(async move {
            let identity = cache.resolve_cached_identity(resolver, runtime_components, config_bag).await?;
            if let Some(credentials) = identity.data::<Credentials>() {
                self.0.temporary.store(credentials.session_token().is_some(), Ordering::Relaxed);
            }
            Ok(identity)
        })
    }
}
