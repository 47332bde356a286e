//! A variable or flag that overrides with nothing.

use crate::check;
use crate::checks::Subject;
use crate::config::setting::Typed;
use crate::diagnostic::Finding;

check!(
    EMPTY_OVERRIDE,
    "config/empty-override",
    Warning,
    "a variable that is set but empty takes the place of what a file says",
    "for lists and maps an empty variable is a list of one empty text: Redis is then taken for a \
     cluster of one host without a name, and the attributes in the file are lost for one without \
     a name"
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let empty =
        subject.all_held().filter(|held| held.is_overridden() && is_empty(&held.setting.typed));
    empty
        .map(|held| {
            let message =
                format!("{} holds one empty text: {} is empty", held.title(), held.setting.origin);
            let replaced = held.setting.key_span;
            Finding::new(&EMPTY_OVERRIDE, message)
                .help("do not set it, rather than to nothing")
                .at_some(replaced, "what is written here is lost")
        })
        .collect()
}

fn is_empty(typed: &Typed) -> bool {
    match typed {
        Typed::Texts(texts) => texts.iter().all(String::is_empty),
        Typed::Attributes(map) => map.keys().all(String::is_empty),
        _ => false,
    }
}
