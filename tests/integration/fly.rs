//! Apps of Fly.io: the files that `fly.toml` puts into the machine.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Apps with the files `conf/a` and `conf/b`.
const APPS: [&str; 4] = [
    "[build]\nimage = \"honeycombio/refinery:2.9.4\"\n[[files]]\nguest_path = \"/etc/refinery/refinery.yaml\"\nlocal_path = \"conf/a\"\n[[files]]\nguest_path = \"/etc/refinery/rules.yaml\"\nlocal_path = \"conf/b\"\n",
    "[build]\nimage = \"honeycombio/refinery:2.9.4\"\n[processes]\napp = \"-c /c.yaml -r /r.yaml\"\n[[files]]\nguest_path = \"/c.yaml\"\nlocal_path = \"conf/a\"\n[[files]]\nguest_path = \"/r.yaml\"\nlocal_path = \"./conf/b\"\n",
    "[build]\nimage = \"acme/gate:1\"\n[processes]\napp = \"/bin/refinery -c /c.yaml -r /r.yaml\"\n[[files]]\nguest_path = \"/c.yaml\"\nlocal_path = \"conf/a\"\n[[files]]\nguest_path = \"/r.yaml\"\nlocal_path = \"conf/b\"\n",
    "[build]\nimage = \"acme/refinery:1\"\n[env]\nREFINERY_CONFIG = \"/c.yaml\"\nREFINERY_RULES_CONFIG = \"/r.yaml\"\n[[files]]\nguest_path = \"/c.yaml\"\nlocal_path = \"conf/a\"\n[[files]]\nguest_path = \"/r.yaml\"\nlocal_path = \"conf/b\"\n",
];

fn check(app: &str, config: &str) -> (i32, String) {
    let files = [("deploy/fly.toml", app), ("deploy/conf/a", config), ("deploy/conf/b", RULES)];
    let ran = Folder::new(&files).run(&["check", "."]);
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn checks_files_of_an_app() {
    for app in APPS {
        let (status, text) = check(app, CONFIG);
        assert!(
            status == 0 && text.contains("as described in deploy/fly.toml#app"),
            "{app}: {text}"
        );
        for config in [BROKEN, "", "General: [\n"] {
            let (status, text) = check(app, config);
            assert!(status == 1 && text.contains("deploy/conf/a:"), "{app} {config:?}: {text}");
        }
    }
    let (_, text) = check(APPS[0], CONFIG);
    assert!(text.contains("Refinery v2.9.4, pinned by its image"), "{text}");
}

#[test]
fn checks_files_in_base64() {
    let app = |config: &str| {
        let [config, rules] = [config, RULES].map(|text| STANDARD.encode(text));
        format!(
            "[build]\nimage = \"honeycombio/refinery:2.9.4\"\n[[files]]\nguest_path = \"/etc/refinery/refinery.yaml\"\nraw_value = \"{config}\"\n[[files]]\nguest_path = \"/etc/refinery/rules.yaml\"\nraw_value = \"{rules}\"\n"
        )
    };
    assert_eq!(check(&app(CONFIG), "").0, 0);
    for config in [BROKEN, "", "General: [\n"] {
        let (status, text) = check(&app(config), "");
        assert!(status == 1 && text.contains("deploy/fly.toml:5:"), "{config:?}: {text}");
    }
}

#[test]
fn a_missing_file_is_an_error() {
    let app = APPS[0].replace("conf/b", "conf/c");
    let (status, text) = check(&app, CONFIG);
    assert!(status == 1 && text.contains("start/missing-file"), "{text}");
    let app = APPS[0].replace("local_path = \"conf/b\"", "secret_name = \"RULES\"");
    let (status, text) = check(&app, CONFIG);
    assert!(status == 1 && text.contains("intake/unknown-file"), "{text}");
}

#[test]
fn a_change_of_a_file_reaches_the_hook() {
    let repository =
        Repository::with(&[("fly.toml", APPS[0]), ("conf/a", CONFIG), ("conf/b", RULES)]);
    repository.write("conf/a", "# nothing\n");
    repository.git(&["add", "."]);
    assert_eq!(repository.run(&["hook", "run"]).status, 1);
}
