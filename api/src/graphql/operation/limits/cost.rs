//! What an operation costs before it runs: points for every field, times the rows of the lists it lies in. Variables are
//! looked at; what `@skip` and `@include` leave out is free. The measures come first: they bound what is walked here.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, ServerError, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    bound::{INTROSPECTED, VALUES},
    tariff::{self, Price, Prices, Rows, Tariff},
};

/// Rows nobody gets in one answer; who asks for more is refused by the field itself, with a better message.
const MOST_ROWS: usize = 500;
/// A point buys this many values in the arguments of a field; the first ones are free.
const VALUES_A_POINT: usize = 100;

/// Points of this operation of the document; at least one.
///
/// # Errors
/// `COMPLEXITY_EXCEEDED` for too many values in variables and for too much of the schema at once.
pub fn cost(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<usize, ServerError> {
    let sizes = variables.iter().map(|(name, value)| (name.as_str(), size(value))).collect::<HashMap<_, _>>();
    VALUES.hold(sizes.values().sum())?;
    let walk = Walk { tariff: Tariff::of_house(), fragments: &document.fragments, variables, sizes };
    let set = &operation.selection_set.node;
    INTROSPECTED.hold(walk.introspected(set))?;
    Ok(walk.set(set, walk.tariff.of(tariff::root(operation.ty)), None).max(1))
}

fn size(value: &ConstValue) -> usize {
    match value {
        ConstValue::List(values) => values.iter().map(size).sum::<usize>() + 1,
        ConstValue::Object(fields) => fields.values().map(size).sum::<usize>() + 1,
        _ => 1,
    }
}

struct Walk<'a> {
    tariff: &'static Tariff,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    /// How many values each variable has.
    sizes: HashMap<&'a str, usize>,
}

impl Walk<'_> {
    /// `page` is how many rows the field above asked for.
    fn set(&self, set: &SelectionSet, of: Option<&Prices>, page: Option<usize>) -> usize {
        let mut always = 0_usize;
        // One thing is of one object type: of what is asked for several of them, only the dearest can be read.
        let mut either: HashMap<&str, usize> = HashMap::new();
        for selection in set.items.iter().filter(|it| !self.is_left_out(it.node.directives())) {
            let (condition, inner) = match &selection.node {
                Selection::Field(field) => {
                    always = always.saturating_add(self.field(&field.node, of, page));
                    continue;
                }
                Selection::InlineFragment(it) => {
                    (it.node.type_condition.as_ref().map(|it| &it.node.on.node), &it.node.selection_set.node)
                }
                Selection::FragmentSpread(it) => match self.fragments.get(&it.node.fragment_name.node) {
                    Some(it) => (Some(&it.node.type_condition.node.on.node), &it.node.selection_set.node),
                    None => continue,
                },
            };
            let narrowed = condition.map_or(of, |name| self.tariff.of(name));
            let points = self.set(inner, narrowed, page);
            match condition {
                Some(name) if narrowed.is_some_and(|it| it.is_object) => {
                    let sum = either.entry(name).or_default();
                    *sum = sum.saturating_add(points);
                }
                _ => always = always.saturating_add(points),
            }
        }
        always.saturating_add(either.into_values().max().unwrap_or_default())
    }

    fn field(&self, field: &Field, of: Option<&Prices>, page: Option<usize>) -> usize {
        let name = field.name.node.as_str();
        if matches!(name, "__schema" | "__type") {
            return tariff::INTROSPECTION;
        }
        let price = of.and_then(|it| it.fields.get(name));
        let own = price.and_then(|it| it.page).map(|(argument, usual)| {
            // A list read from its end says `last`, and no `first` then.
            self.number(field, argument).or_else(|| self.number(field, "last")).unwrap_or(usual)
        });
        let below = price.and_then(|it| self.tariff.of(&it.of));
        let row = self.set(&field.selection_set.node, below, own);
        let rows = price.map_or(1, |price| self.rows(field, price, own.or(page)));
        let arguments =
            field.arguments.iter().map(|(_, value)| self.weight(&value.node)).sum::<usize>() / VALUES_A_POINT;
        price.map_or(1, |it| it.points).saturating_add(arguments).saturating_add(rows.saturating_mul(row))
    }

    fn rows(&self, field: &Field, price: &Price, page: Option<usize>) -> usize {
        let rows = match price.rows {
            Rows::One => 1,
            Rows::Argument(argument) => self.length(field, argument),
            Rows::Page => page.unwrap_or(tariff::ROWS),
            Rows::Usually(rows) => rows,
        };
        rows.clamp(1, MOST_ROWS)
    }

    /// The number given for an argument, whether as it stands or by a variable.
    fn number(&self, field: &Field, argument: &str) -> Option<usize> {
        let number = match &field.get_argument(argument)?.node {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => match self.variables.get(name)? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        };
        number.and_then(|it| usize::try_from(it).ok())
    }

    /// How many values are given for an argument; one value stands for a list of it.
    fn length(&self, field: &Field, argument: &str) -> usize {
        match field.get_argument(argument).map(|it| &it.node) {
            Some(Value::List(values)) => values.len(),
            Some(Value::Variable(name)) => match self.variables.get(name) {
                Some(ConstValue::List(values)) => values.len(),
                _ => 1,
            },
            _ => 1,
        }
    }
    /// How many values are given, those of variables included: they are read again for every row.
    fn weight(&self, value: &Value) -> usize {
        match value {
            Value::Variable(name) => self.sizes.get(name.as_str()).copied().unwrap_or_default(),
            Value::List(values) => values.iter().map(|it| self.weight(it)).sum::<usize>() + 1,
            Value::Object(fields) => fields.values().map(|it| self.weight(it)).sum::<usize>() + 1,
            _ => 1,
        }
    }

    /// Whether `@skip` or `@include` says so.
    fn is_left_out(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let keep = match directive.node.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => return false,
            };
            let given = match directive.node.get_argument("if").map(|it| &it.node) {
                Some(Value::Boolean(given)) => *given,
                Some(Value::Variable(name)) => match self.variables.get(name) {
                    Some(ConstValue::Boolean(given)) => *given,
                    _ => return false,
                },
                _ => return false,
            };
            given != keep
        })
    }

    /// About how much of the schema is shown: fields, times the lists they lie in.
    fn introspected(&self, set: &SelectionSet) -> usize {
        let parts = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) if matches!(field.node.name.node.as_str(), "__schema" | "__type") => {
                self.shown(&field.node.selection_set.node)
            }
            Selection::Field(_) => 0,
            Selection::InlineFragment(it) => self.introspected(&it.node.selection_set.node),
            Selection::FragmentSpread(it) => self.fragment(&it.node.fragment_name.node, Self::introspected),
        });
        parts.fold(0, usize::saturating_add)
    }

    fn shown(&self, set: &SelectionSet) -> usize {
        let parts = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => {
                let rows = self.tariff.introspection(field.node.name.node.as_str());
                rows.saturating_mul(self.shown(&field.node.selection_set.node)).saturating_add(1)
            }
            Selection::InlineFragment(it) => self.shown(&it.node.selection_set.node),
            Selection::FragmentSpread(it) => self.fragment(&it.node.fragment_name.node, Self::shown),
        });
        parts.fold(0, usize::saturating_add)
    }

    fn fragment(&self, name: &Name, walk: impl Fn(&Self, &SelectionSet) -> usize) -> usize {
        self.fragments.get(name).map_or(0, |it| walk(self, &it.node.selection_set.node))
    }
}
