// What a voter has marked in a contest, and what it means. A mark is kept as it was made, also where the rule does not allow
// it, so that the page can explain; only `toChoice` makes a choice of it.

/** The rule of a contest in the terms of the page: `kind` is one, many, rank or score. */
export function ruleOf(contest) {
  const { type, blank, max, max_score: maxScore } = contest.rule;
  const count = contest.candidates.length;
  switch (type) {
    case "choose_one":
    case "party_list": return { kind: "one", blank, max: 1 };
    case "choose_up_to": return { kind: "many", blank, max: Math.min(max, count) };
    case "approve": return { kind: "many", blank, max: count };
    case "rank": return { kind: "rank", blank, max: Math.min(max, count) };
    case "score": return { kind: "score", blank, max: maxScore };
    default: throw new Error(`no such rule: ${type}`);
  }
}

/** Nothing marked yet: `order` holds candidates in the order of marking, `scores` a score by candidate. */
export const emptyMark = () => ({ blank: false, order: [], scores: {} });

/** What is wrong with a mark, as the name of a text and its values; nothing if it can be cast. */
export function fault(contest, mark) {
  const { kind, blank, max } = ruleOf(contest);
  if (mark.blank) return undefined;
  if (kind === "score") {
    return Object.keys(mark.scores).length > 0 ? undefined : ["fault-no-score", { blank: String(blank) }];
  }
  if (mark.order.length === 0) return ["fault-none", { blank: String(blank) }];
  if (mark.order.length > max) return ["fault-too-many", { count: mark.order.length, max, extra: mark.order.length - max }];
  return undefined;
}

/** What a voter may want to know before casting, though it is allowed. */
export function notice(contest, mark) {
  const { kind, max } = ruleOf(contest);
  if (mark.blank) return ["notice-blank", {}];
  if (kind === "score") {
    const missing = contest.candidates.length - Object.keys(mark.scores).length;
    return missing > 0 ? ["notice-zero", { count: missing }] : undefined;
  }
  const some = contest.rule.type !== "approve" && max > 1 && mark.order.length < max;
  return some ? ["notice-under", { count: mark.order.length, max }] : undefined;
}

/** The choice as the core reads it. */
export function toChoice(contest, mark) {
  if (mark.blank) return "blank";
  switch (ruleOf(contest).kind) {
    case "one": return { one: mark.order[0] };
    case "many": return { set: [...mark.order].sort((a, b) => a - b) };
    case "rank": return { ranking: [...mark.order] };
    default: return { scores: contest.candidates.map((_, at) => mark.scores[at] ?? 0) };
  }
}
