use ambient::Entropy;

/// Randomness seeded by the operating system.
///
/// # Errors
/// If the system has none to give.
pub fn os_entropy() -> std::io::Result<Entropy> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
    Ok(Entropy::from_seed(seed))
}
