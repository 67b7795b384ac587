//! A door in front of a server that can be shut: a network that fails when it is told to.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Forwards what comes to one server. Dropped, it is shut.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_shut: bool,
    /// Ended at the next connection.
    is_over: bool,
    /// Both ends of those that were let through.
    open: Vec<TcpStream>,
}

impl Proxy {
    /// A door to the server at `server`.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut state = shared.lock().unwrap();
                if state.is_over {
                    break;
                }
                if !state.is_shut {
                    let_through(client, server, &mut state.open);
                }
            }
        });
        Self { address, state }
    }

    /// Where clients find it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nobody comes through, and those who are inside are cut off.
    pub(crate) fn refuse(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_shut = true;
        for stream in state.open.drain(..) {
            // It may have ended by itself.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// From now on everybody comes through.
    pub(crate) fn accept(&self) {
        self.state.lock().unwrap().is_shut = false;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.refuse();
        self.state.lock().unwrap().is_over = true;
        // Wakes the thread.
        drop(TcpStream::connect(self.address));
    }
}

fn let_through(client: TcpStream, server: SocketAddr, open: &mut Vec<TcpStream>) {
    let Ok(server) = TcpStream::connect(server) else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
        open.push(stream.try_clone().unwrap());
    }
    let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
    for (from, to) in [(client, server), back] {
        thread::spawn(move || pass_on(from, to));
    }
}

/// Until either end has had enough.
fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let mut some = [0; 16 * 1024];
    while let Ok(many) = from.read(&mut some) {
        if many == 0 || to.write_all(&some[..many]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
