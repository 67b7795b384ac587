//! Hears what is said to a server on its way there, and writes down each statement that is run, once.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read, Result, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

/// Instead of a version, in the first message: whether there is TLS, or Kerberos.
const ASKS: [u32; 2] = [80_877_103, 80_877_104];
/// There is not.
const NO: &[u8] = b"N";

/// What was heard so far, and where it is written: a JSON text a line.
struct Heard {
    known: HashSet<String>,
    file: File,
}

/// The port at which clients find the server. It is there for as long as the process.
pub(super) fn start(server: (String, u16), file: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let file = File::options().create(true).append(true).open(file).unwrap();
    let heard = Arc::new(Mutex::new(Heard { known: HashSet::new(), file }));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect((server.0.as_str(), server.1)) else { continue };
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let heard = Arc::clone(&heard);
            thread::spawn(move || {
                // Either end may have gone.
                drop(hear(&client, &server, &heard));
                drop(server.shutdown(Shutdown::Write));
            });
            thread::spawn(move || {
                drop(std::io::copy(&mut { back.0 }, &mut &back.1));
                drop(back.1.shutdown(Shutdown::Both));
            });
        }
    });
    port
}

/// Passes on what the client says, message by message, until it ends.
fn hear(client: &TcpStream, mut server: &TcpStream, heard: &Mutex<Heard>) -> Result<()> {
    let mut from = BufReader::new(client);
    let mut first = read(&mut from, 0)?;
    while ASKS.contains(&u32::from_be_bytes([first[4], first[5], first[6], first[7]])) {
        (&*client).write_all(NO)?;
        first = read(&mut from, 0)?;
    }
    server.write_all(&first)?;
    let mut prepared = HashMap::new();
    loop {
        let message = read(&mut from, 1)?;
        let mut texts = message[5..].split(|byte| *byte == 0);
        let mut text = || String::from_utf8_lossy(texts.next().unwrap_or_default()).into_owned();
        match message[0] {
            // Parse, Bind and Query: prepared is not run yet.
            b'P' => drop(prepared.insert(text(), text())),
            b'B' => {
                text();
                if let Some(statement) = prepared.get(&text()) {
                    note(heard, statement);
                }
            }
            b'Q' => note(heard, &text()),
            _ => {}
        }
        server.write_all(&message)?;
    }
}

/// A message with its length, which stands behind `before` bytes and counts itself.
fn read(from: &mut impl Read, before: usize) -> Result<Vec<u8>> {
    let mut message = vec![0; before + 4];
    from.read_exact(&mut message)?;
    let mut length = [0; 4];
    length.copy_from_slice(&message[before..]);
    message.resize(before + u32::from_be_bytes(length) as usize, 0);
    from.read_exact(&mut message[before + 4..])?;
    Ok(message)
}

fn note(heard: &Mutex<Heard>, statement: &str) {
    let mut heard = heard.lock().unwrap();
    if heard.known.insert(statement.to_owned()) {
        writeln!(heard.file, "{}", serde_json::Value::from(statement)).unwrap();
    }
}
