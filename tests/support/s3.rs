//! A real S3 server: one for the whole run, and a bucket for each test.
//!
//! `scripts/s3.sh` (part of `make test`) prepares its Python and names it in `KITH_S3_PYTHON`.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kith::lake::S3Access;

use super::proxy::Proxy;

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// What all keys of a test begin with.
const PREFIX: &str = "shop/events";

/// The server looks whether somebody has signed, and not whether well.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=key/20260105/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0";

/// Where an app's files lie.
pub(crate) struct S3Place {
    pub(crate) url: String,
    pub(crate) access: S3Access,
}

/// A bucket of one test's own, behind a door that can be shut.
pub(crate) struct S3 {
    pub(crate) bucket: String,
    pub(crate) proxy: Proxy,
}

impl S3 {
    /// A new bucket with nothing in it.
    pub(crate) fn new() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let bucket = format!("test-{}", NUMBERS.fetch_add(1, Ordering::Relaxed));
        let address = server();
        ureq::put(format!("http://{address}/{bucket}")).send_empty().unwrap();
        Self { bucket, proxy: Proxy::to(address) }
    }

    pub(crate) fn url(&self) -> String {
        format!("s3://{}/{PREFIX}", self.bucket)
    }

    /// The environment of a process that shall find it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.proxy.address());
        let pairs = [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", &endpoint),
        ];
        pairs.map(|(name, said)| (name.to_owned(), said.to_owned())).to_vec()
    }

    pub(crate) fn place(&self) -> S3Place {
        S3Place { url: self.url(), access: S3Access::of(self.environment()) }
    }

    /// Every file in it by its name below the prefix, and its content. Not through the door.
    pub(crate) fn objects(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let bucket = format!("http://{}/{}", server(), self.bucket);
        let address = format!("{bucket}?list-type=2");
        let list = ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap();
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        keys.map(|key| {
            let object = ureq::get(format!("{bucket}/{key}")).header("authorization", SIGNED);
            let mut reply = object.call().unwrap();
            let content = reply.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
            let name = key.strip_prefix(PREFIX).unwrap().trim_start_matches('/');
            (name.to_owned(), content)
        })
        .collect()
    }

    /// Puts something under a name below the prefix. Not through the door.
    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        let address = format!("http://{}/{}/{PREFIX}/{name}", server(), self.bucket);
        ureq::put(address).header("authorization", SIGNED).send(content).unwrap();
    }

    /// Uploads in parts that nobody has finished.
    pub(crate) fn unfinished(&self) -> usize {
        let address = format!("http://{}/{}?uploads", server(), self.bucket);
        let list = ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap();
        list.matches("<UploadId>").count()
    }
}

/// The server's address. It ends with this process, however that ends.
fn server() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let python = std::env::var("KITH_S3_PYTHON").expect("`make test` names the Python of S3");
        let address = free_address();
        let (started, ready) = std::sync::mpsc::channel();
        // The kernel ends a child with the thread that has started it, so that one stays.
        std::thread::spawn(move || {
            let port = address.port().to_string();
            let mut child = Command::new("setpriv")
                .args(["--pdeathsig", "KILL", &python, "-m", "moto.server"])
                .args(["-H", "127.0.0.1", "-p", &port])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            started.send(()).unwrap();
            panic!("the S3 server ended: {:?}", child.wait());
        });
        ready.recv().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the S3 server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        address
    })
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
