//! The one TLS configuration.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::config::{NetError, NetworkConfig, TrustedCertificate};

/// Platform verifier plus configured certificates, on the *ring* provider. The
/// provider is named here and not taken from the process default, because a
/// forgotten default panics at the first connection.
pub(crate) fn client_config(config: &NetworkConfig) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = extra_roots(config)?;
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let tls = match Verifier::new_with_extra_roots(extra, provider) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        Err(error) => {
            // No trust store at all (a bare container). Local servers need none.
            tracing::error!(%error, "this computer has no trusted certificates: secure connections will be refused");
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    };
    Ok(tls)
}

fn extra_roots(config: &NetworkConfig) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let mut roots = Vec::new();
    if let Some(path) = &config.extra_ca_file {
        let text = std::fs::read(path).map_err(|cause| NetError::CaFile { path: path.clone(), cause })?;
        roots.extend(from_pem(&text, &path.display().to_string())?);
    }
    for (index, certificate) in config.trusted_certificates.iter().enumerate() {
        let origin = format!("trusted certificate {index}");
        match certificate {
            TrustedCertificate::Der(der) => roots.push(usable(CertificateDer::from(der.clone()), &origin)?),
            TrustedCertificate::Pem(pem) => roots.extend(from_pem(pem.as_bytes(), &origin)?),
        }
    }
    Ok(roots)
}

fn from_pem(text: &[u8], origin: &str) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let bad = |problem: String| NetError::Certificate { origin: origin.to_owned(), problem };
    let mut certificates = Vec::new();
    for section in CertificateDer::pem_slice_iter(text) {
        certificates.push(usable(section.map_err(|error| bad(error.to_string()))?, origin)?);
    }
    if certificates.is_empty() {
        return Err(bad("there is no CERTIFICATE section in it".to_owned()));
    }
    Ok(certificates)
}

/// Checked one by one, so that the message names the one at fault.
fn usable(certificate: CertificateDer<'static>, origin: &str) -> Result<CertificateDer<'static>, NetError> {
    RootCertStore::empty()
        .add(certificate.clone())
        .map_err(|error| NetError::Certificate { origin: origin.to_owned(), problem: error.to_string() })?;
    Ok(certificate)
}
