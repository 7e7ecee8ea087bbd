//! Connections to the web port: how many there may be, and how long one may say nothing.
//!
//! A call needs files and memory of the same process, so those who only hold a connection open must
//! not take them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once; further ones wait in the kernel until one ends.
const CONNECTIONS_MAX: usize = 256;
/// From the opening, or from the last answer, to the end of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a request's header.
const HEADER_MAX: usize = 16 * 1024;
/// How long to wait when the system has no file for one more connection.
const PAUSE: Duration = Duration::from_millis(500);

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Answers on every connection until it is dropped.
pub(crate) async fn answer(listener: TcpListener, router: Router) -> Infallible {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            unreachable!("nobody closes the semaphore")
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let router = router.clone().layer(Extension(Peer(peer)));
                tokio::spawn(serve(stream, router, place));
            }
            Err(error) => {
                tracing::warn!(%error, "the web port takes no connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router, _place: OwnedSemaphorePermit) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a web connection ended");
    }
}
