//! TLS to PostgreSQL, as `sslmode` asks for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use kith::config::Config;
use kith::storage::{Postgres, StorageError};
use tempfile::TempDir;

use crate::support::postgres::{self, Cluster};

/// An authority, and what it has signed for `localhost`.
struct Certificates {
    folder: TempDir,
}

impl Certificates {
    fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let run = |text: &str| {
            let mut openssl = Command::new("openssl");
            let output = openssl.args(text.split(' ')).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        std::fs::write(folder.path().join("san"), "subjectAltName=DNS:localhost").unwrap();
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
             -subj /CN=authority -keyout root.key -out root.pem");
        run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
             -keyout server.key -out server.csr");
        run("x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 \
             -extfile san -out server.crt");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A cluster that speaks TLS.
fn cluster(certificates: &Certificates) -> Cluster {
    let cluster = Cluster::start();
    let data = cluster.folder().join("data");
    for name in ["server.crt", "server.key"] {
        // Written over a file of the owner's, so that it stays theirs.
        let to = data.join(name);
        let mut install = Command::new("install");
        install.args(["-m", "600", "-o"]).arg(owner(&data)).arg(certificates.path(name)).arg(to);
        assert!(install.status().unwrap().success());
    }
    postgres::ask(&cluster.url("postgres"), "ALTER SYSTEM SET ssl = on").unwrap();
    cluster.restart_immediately();
    cluster
}

fn owner(path: &Path) -> String {
    let output = Command::new("stat").args(["-c", "%U"]).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_connection_is_as_sure_as_sslmode_says() {
    let certificates = Certificates::make();
    let cluster = cluster(&certificates);
    let url = cluster.create_database();
    let named = url.replace("127.0.0.1", "localhost");
    let root = certificates.path("root.pem").display().to_string();
    let config = Config::for_testing(certificates.folder.path().to_owned()).storage;
    let opens = |url: &str, query: &str| -> Result<(), StorageError> {
        let url = format!("{url}?{query}");
        Postgres::open(&url, &config, crate::support::app::start(), [7; 32]).map(|_| ())
    };
    opens(&url, "sslmode=require").unwrap();
    opens(&url, &format!("sslmode=verify-ca&sslrootcert={root}")).unwrap();
    opens(&named, &format!("sslmode=verify-full&sslrootcert={root}")).unwrap();
    opens(&url, "sslmode=disable").unwrap();
    // The certificate is not for this address, and its authority is nobody's the system knows.
    let other = opens(&url, &format!("sslmode=verify-full&sslrootcert={root}"));
    let other = other.unwrap_err().to_string();
    assert!(other.contains("not valid for name"), "{other}");
    let unknown = opens(&named, "sslmode=verify-full").unwrap_err().to_string();
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let used = "SELECT count(*) FROM pg_stat_ssl WHERE ssl";
    assert_eq!(postgres::rows(&url, used), [["0"]], "this one did not ask for it");
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_required() {
    let url = postgres::shared().create_database();
    let config = Config::for_testing(PathBuf::new()).storage;
    let open = |query: &str| {
        let url = format!("{url}?{query}");
        Postgres::open(&url, &config, crate::support::app::start(), [7; 32])
    };
    assert!(open("sslmode=prefer").is_ok());
    assert!(open("sslmode=require").is_err());
}
