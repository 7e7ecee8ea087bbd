//! Viewers who only count what comes.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::TOKEN;

/// Somebody who watches until dropped.
pub(crate) struct Viewer {
    bytes: Arc<AtomicU64>,
    reading: tokio::task::JoinHandle<()>,
}

impl Viewer {
    /// Begins to watch.
    pub(crate) async fn come(server: SocketAddr) -> Result<Viewer, Box<dyn Error>> {
        let mut stream = TcpStream::connect(server).await?;
        let request = format!(
            "GET /api/wall/stream HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let bytes = Arc::<AtomicU64>::default();
        let count = bytes.clone();
        let reading = tokio::spawn(async move {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(read) = stream.read(&mut buffer).await {
                if read == 0 {
                    return;
                }
                count.fetch_add(read as u64, Ordering::Relaxed);
            }
        });
        Ok(Viewer { bytes, reading })
    }

    /// What has come so far, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}
