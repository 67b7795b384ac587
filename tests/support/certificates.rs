//! Certificates of a test's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// An authority, and what it has signed for `localhost`.
pub(crate) struct Certificates {
    folder: TempDir,
}

impl Certificates {
    pub(crate) fn make() -> Self {
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

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
