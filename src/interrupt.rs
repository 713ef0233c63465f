//! Ctrl-C, and SIGTERM, which containers and systemd send: the first ends the work under way with what there is, any
//! other the program, at once.

use std::sync::{
    LazyLock, Once,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::watch;

use crate::files;

/// Exit code of a program that was interrupted, as shells tell of Ctrl-C: 128 and the signal's number.
const EXIT_INTERRUPTED: i32 = 130;

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
static INTERRUPTED: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// Work that ends by itself when interrupted, for as long as this lives.
#[derive(Debug)]
pub struct Interruptible(watch::Receiver<bool>);

impl Interruptible {
    /// Such work begins. Without it, a signal ends the program as usual.
    #[must_use]
    pub fn begin() -> Self {
        static LISTENING: Once = Once::new();
        UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        LISTENING.call_once(|| drop(tokio::spawn(listen())));
        Self(INTERRUPTED.subscribe())
    }

    /// Waits for the interruption.
    pub async fn interrupted(&self) {
        // The sender is never gone.
        let _ = self.0.clone().wait_for(|interrupted| *interrupted).await;
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn listen() {
    loop {
        if signal().await.is_err() {
            return;
        }
        let first = !INTERRUPTED.send_replace(true);
        if !first || UNDER_WAY.load(Ordering::SeqCst) == 0 {
            files::abandon();
            std::process::exit(EXIT_INTERRUPTED);
        }
    }
}

/// Waits for a signal to end.
async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
