//! TLS before a server of this machine, with a certificate that nobody else trusts.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use uuid::Uuid;

use crate::harness::runtime::target;

/// Where Debian keeps the authorities that are trusted. Lambda has as many.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Those that the functions bring along.
const AMAZON: &str = include_str!("../../functions/authorities/amazon.pem");

/// What has to be trusted: files that end when this is dropped.
pub(crate) struct Authorities {
    /// All that the system trusts, and the one behind this certificate.
    pub(crate) all: PathBuf,
    /// The one behind this certificate, for programs that bring the others along.
    pub(crate) own: PathBuf,
    /// Those that the functions bring along, and the one behind this certificate.
    pub(crate) amazons: PathBuf,
}

/// Passes on what comes to the address that it gives; and whom to trust for that.
pub(crate) async fn before(server: String) -> (String, Authorities) {
    let (acceptor, authority) = certified();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pass_on(stream, acceptor.clone(), server.clone()));
        }
    });
    (url, Authorities::with(&authority))
}

impl Authorities {
    fn with(own: &str) -> Self {
        let others = std::fs::read_to_string(AUTHORITIES).unwrap_or_default();
        let file = |name: &str, content: &str| {
            let file = target().join(format!("tmp/{name}-{}.pem", Uuid::new_v4().simple()));
            std::fs::write(&file, content).expect("a file");
            file
        };
        let amazons = file("amazons", &format!("{AMAZON}{own}"));
        Self { all: file("authorities", &(others + own)), own: file("authority", own), amazons }
    }
}

impl Drop for Authorities {
    fn drop(&mut self) {
        for file in [&self.all, &self.own, &self.amazons] {
            let _ = std::fs::remove_file(file);
        }
    }
}

async fn pass_on(stream: TcpStream, acceptor: TlsAcceptor, server: String) {
    let _ = stream.set_nodelay(true);
    // Who hangs up has nothing more to say.
    let Ok(mut from) = acceptor.accept(stream).await else { return };
    let mut to = TcpStream::connect(server.trim_start_matches("http://")).await.expect("the server answers");
    let _ = to.set_nodelay(true);
    let _ = copy_bidirectional(&mut from, &mut to).await;
}

/// A certificate for `localhost`, and the authority behind it as text.
fn certified() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // The two must not have the same name: OpenSSL would take the second for one that has signed itself.
    params.distinguished_name.push(DnType::CommonName, "Authority of a test");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate");
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}
