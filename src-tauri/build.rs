//! Prepares the Tauri context. Paths differ from Tauri's defaults because the
//! package sits at the top of the repository and its parts in `src-tauri`.

use std::path::Path;

fn main() {
    // `generate_context!` needs the built UI at compile time, so a fresh clone
    // gets placeholders that say what to run.
    let dist = Path::new("ui/dist");
    for name in ["index.html", "incoming.html"] {
        if !dist.join(name).exists() {
            let page =
                "<!doctype html><title>Trunkline</title><p>The panel is not built: run <code>cargo xtask run</code>.";
            if let Err(error) = std::fs::create_dir_all(dist).and_then(|()| std::fs::write(dist.join(name), page)) {
                println!("cargo::warning=cannot create ui/dist/{name}: {error}");
            }
        }
    }
    println!("cargo::rerun-if-changed=src-tauri/permissions");
    println!("cargo::rerun-if-changed=ui/dist");
    // The permissions are written by hand: tauri-build's generator
    // (`AppManifest::commands`) always writes them to `./permissions` at the top.
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*"));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
