//! Names of hosts, looked up by the system.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::core::Core;

impl Core {
    /// The socket addresses behind a host's name. The system's resolver blocks this core
    /// meanwhile, so that it is for the command line and for starts, not for serving.
    pub async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}
