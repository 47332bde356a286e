//! Kustomizations with pods that run Refinery, and their deployments.

use crate::program::{CONFIG, Folder, RULES};
use refinery_preflight::internals::deploy::Deployment;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use std::fmt::Write;

/// Pods that read two files of a map.
pub const PODS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: refinery}\nspec:\n  \
     template:\n    spec:\n      containers:\n        - name: refinery\n          image: \
     honeycombio/refinery:2.9.7\n          volumeMounts: [{name: files, mountPath: /etc/refinery}]\n      \
     volumes: [{name: files, configMap: {name: files}}]\n";
pub const GENERATOR: &str = "resources: [pods.yaml]\nconfigMapGenerator:\n- name: files\n  files: \
     [refinery.yaml=config.yaml, rules.yaml]\n";
pub const OVERLAY: &str = "resources: [../base]\n";

/// A base and overlays.
pub fn with_base<'f>(others: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let base = [
        ("base/kustomization.yaml", GENERATOR),
        ("base/pods.yaml", PODS),
        ("base/config.yaml", CONFIG),
        ("base/rules.yaml", RULES),
    ];
    base.into_iter().chain(others.iter().copied()).collect()
}

pub fn read(folder: &Folder) -> Sources {
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    gather(&request, &mut std::io::empty()).unwrap()
}

/// Each deployment: its files and its release.
pub fn deployments(folder: &Folder, sources: &Sources) -> Vec<String> {
    let start = format!("{}/", folder.path().display());
    let tell = |deployment: &Deployment| {
        let all = deployment.config.iter().chain(&deployment.rules);
        let names =
            all.map(|source| sources.files.get(source.file).name.as_str().replace(&start, ""));
        let mut outcome = names.collect::<Vec<_>>().join(" + ");
        if let Some(named) = &deployment.launch.release {
            write!(outcome, " @ {}", named.named.release().unwrap()).unwrap();
        }
        outcome
    };
    sources.deployments.iter().map(tell).collect()
}

pub fn outcomes(files: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new(files);
    deployments(&folder, &read(&folder))
}
