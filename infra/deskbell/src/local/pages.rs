//! Where the pages of the sites are: the sample's, a site of one's own elsewhere, or a folder that is served here.

use std::net::SocketAddr;
use std::path::PathBuf;

use deskbell_functions::config::Config;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::error::WorldError;
use super::folder::Folder;

/// Where the pages of the sites are.
#[derive(Debug, Clone, Default)]
pub enum Pages {
    /// The sample's, which are built in, at the address of the functions.
    #[default]
    Sample,
    /// Where the settings say.
    Elsewhere,
    /// At this address, whoever serves them there.
    At(Url),
    /// In a folder, which is served at this port of 127.0.0.1; 0 for a free one.
    Folder(PathBuf, u16),
}

impl Pages {
    /// Has the sites be where their pages are, and serves what is to be served. Gives the address to which they were
    /// moved from that in the settings.
    pub(super) async fn place(
        &self,
        config: &mut Config,
        functions: &Url,
        tasks: &mut JoinSet<()>,
    ) -> Result<Option<Url>, WorldError> {
        let at = match self {
            Self::Sample => functions.clone(),
            Self::Elsewhere => return Ok(None),
            Self::At(url) => url.clone(),
            Self::Folder(folder, port) => {
                let site = config.only_site().ok_or(WorldError::SeveralSites)?;
                let folder = Folder::open(folder, site.home().path())?;
                let listener = listen(*port).await?;
                let address = listener.local_addr().map_err(|error| WorldError::Port(*port, error))?;
                tasks.spawn(async move {
                    let _ = axum::serve(listener, folder.router()).await;
                });
                local_url(address)?
            }
        };
        config.serve_at(&at);
        Ok(Some(at))
    }
}

/// Listens at a port of 127.0.0.1.
pub(super) async fn listen(port: u16) -> Result<TcpListener, WorldError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => WorldError::PortInUse(port),
        _ => WorldError::Port(port, error),
    })
}

/// The address at which something listens.
pub(super) fn local_url(address: SocketAddr) -> Result<Url, WorldError> {
    format!("http://{address}").parse().map_err(|error| deskbell_functions::app::StartError::from(error).into())
}
