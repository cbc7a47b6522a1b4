//! Which step is made of which: names resolved, types checked, the order of making.

use std::collections::{HashMap, HashSet};

use common::error::{Error, Result};
use common::schema::Kind;
use common::text;

use super::spec::Spec;
use super::wanted::Wanted;

/// What a step is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    /// A column of the clean table.
    Column,
    /// The step at this place.
    Step(usize),
}

/// The steps with their operands.
pub(super) struct Graph<'a> {
    pub(super) wanted: Wanted<'a>,
    /// By step, what each of its operands is.
    operands: Vec<Vec<(String, Operand)>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(wanted: Wanted<'a>) -> Result<Self> {
        let mut graph = Self { wanted, operands: Vec::new() };
        graph.operands = graph.resolve()?;
        graph.look_only_back()?;
        Ok(graph)
    }

    fn resolve(&self) -> Result<Vec<Vec<(String, Operand)>>> {
        // A text column has indicators, which have names of their own.
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, spec) in self.wanted.specs.iter().enumerate() {
            // Two of one name are an error even where `exclude` hides both: a third may be made of either.
            if !matches!(spec, Spec::Category { .. }) && places.insert(spec.name(), place).is_some() {
                return Err(super::twice(spec.name()));
            }
        }
        let operand = |spec: &Spec, name: &str| -> Result<Operand> {
            match places.get(name) {
                // A step may have the name of a column it is made of.
                Some(place) if spec.name() != name => Ok(Operand::Step(*place)),
                Some(_) if self.wanted.field(name).is_none() => Err(Error::usage(format!(
                    "[features] {}: {} is made of itself",
                    spec.key(),
                    text::name(name)
                ))),
                _ => self.numeric(name, spec.key()).map(|()| Operand::Column),
            }
        };
        self.wanted
            .specs
            .iter()
            .map(|spec| {
                let names = spec.operands().into_iter();
                names.map(|name| operand(spec, &name).map(|operand| (name, operand))).collect()
            })
            .collect()
    }

    fn numeric(&self, name: &str, key: &str) -> Result<()> {
        let field = self.wanted.field(name).ok_or_else(|| self.wanted.no_column(name, key))?;
        if field.kind.is_numeric() {
            return Ok(());
        }
        let hint = if matches!(field.kind, Kind::Date | Kind::Datetime) {
            " (its parts are: see `calendar`)"
        } else {
            ""
        };
        Err(Error::usage(format!(
            "[features] {key} names {}, which is a {}, no number{hint}",
            text::name(name),
            field.kind
        )))
    }

    /// With horizon 0 windows over the target leave the row itself out, and nothing else may be made of it.
    fn look_only_back(&mut self) -> Result<()> {
        let order = self.order()?;
        let target = &self.wanted.settings.target;
        let mut own: HashSet<usize> = HashSet::new();
        for place in order {
            let gives_away = |(name, operand): &(String, Operand)| match operand {
                Operand::Column => self.wanted.gives_away(name),
                Operand::Step(step) => own.contains(step),
            };
            let operands = &self.operands[place];
            let made_of_it = operands.iter().any(gives_away);
            let names_it = operands.iter().any(|(name, _)| name == target);
            let is_own = match &self.wanted.specs[place] {
                Spec::Value { name } => self.wanted.gives_away(name),
                Spec::Expression { name, .. } if name == target => self.wanted.settings.horizon == 0,
                Spec::Lag { .. } | Spec::Rolling { .. } | Spec::Expanding { .. } => false,
                spec if made_of_it && names_it => {
                    return Err(Error::usage(format!(
                        "[features] {}: {} is made of the target itself",
                        spec.key(),
                        text::name(spec.name())
                    )));
                }
                _ => made_of_it,
            };
            if is_own {
                own.insert(place);
            }
            if let Spec::Rolling { before, .. } | Spec::Expanding { before, .. } =
                &mut self.wanted.specs[place]
            {
                *before = made_of_it;
            }
        }
        Ok(())
    }

    /// Names that `exclude` takes out of the features, and the target where it is an expression.
    pub(super) fn hidden(&self) -> Result<Vec<String>> {
        let settings = self.wanted.settings;
        let mut hidden = Vec::new();
        for name in &settings.section.exclude {
            let made = self.wanted.specs.iter().any(|s| s.name() == name);
            if made {
                hidden.push(name.clone());
            } else if self.wanted.field(name).is_none() {
                return Err(self.wanted.no_column(name, "exclude"));
            }
        }
        if settings.horizon == 0
            && settings.expressions.get(&settings.target).is_some()
            && !hidden.contains(&settings.target)
        {
            hidden.push(settings.target.clone());
        }
        Ok(hidden)
    }

    /// The steps, each after those it is made of, else in the order of the configuration.
    pub(super) fn in_order(self) -> Result<Vec<Spec>> {
        let order = self.order()?;
        let mut specs: Vec<Option<Spec>> = self.wanted.specs.into_iter().map(Some).collect();
        Ok(order.into_iter().filter_map(|place| specs[place].take()).collect())
    }

    fn order(&self) -> Result<Vec<usize>> {
        let mut order: Vec<usize> = Vec::new();
        let mut done: HashSet<usize> = HashSet::new();
        let mut waiting: Vec<usize> = (0..self.operands.len()).collect();
        while !waiting.is_empty() {
            let ready = |place: &usize| {
                self.operands[*place].iter().all(|(_, o)| match o {
                    Operand::Column => true,
                    Operand::Step(step) => done.contains(step),
                })
            };
            let (now, later): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|p| ready(p));
            if now.is_empty() {
                let names: Vec<&str> = later.iter().map(|p| self.wanted.specs[*p].name()).collect();
                let key = self.wanted.specs[later[0]].key();
                return Err(Error::usage(format!(
                    "[features] {key}: {} are made of one another",
                    text::names(names)
                )));
            }
            done.extend(&now);
            order.extend(now);
            waiting = later;
        }
        Ok(order)
    }
}
