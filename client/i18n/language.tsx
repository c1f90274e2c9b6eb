/**
 * The language of the page. English comes with the page, others are loaded when chosen. To add one: a file with the
 * shape of `Text` and a line in `languages`; right-to-left ones only need `direction: 'rtl'`.
 */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { en, type Text } from './en.ts';

export interface Language {
  /** BCP 47; also decides how dates are written. */
  tag: string;
  name: string;
  direction: 'ltr' | 'rtl';
  load: () => Promise<Text>;
}

const english: Language = { tag: 'en-GB', name: 'English', direction: 'ltr', load: () => Promise.resolve(en) };

export const languages: readonly Language[] = [
  english,
  { tag: 'de-DE', name: 'Deutsch', direction: 'ltr', load: () => import('./de.ts').then((module) => module.de) },
];

interface Chosen {
  text: Text;
  language: Language;
  choose: (tag: string) => void;
}

const LanguageContext = createContext<Chosen>({ text: en, language: english, choose: () => undefined });
const KEY = 'language';

export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const [chosen, setChosen] = useState<{ language: Language; text: Text }>({ language: english, text: en });
  const [wanted, setWanted] = useState(preferred);
  useEffect(() => {
    let current = true;
    const language = languages.find((each) => each.tag === wanted) ?? english;
    void language.load().then((text) => {
      if (!current) return;
      document.documentElement.lang = language.tag;
      document.documentElement.dir = language.direction;
      setChosen({ language, text });
    });
    return () => {
      current = false;
    };
  }, [wanted]);
  const value = useMemo(
    () => ({
      ...chosen,
      choose: (tag: string) => {
        remember(tag);
        setWanted(tag);
      },
    }),
    [chosen],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useText(): Text {
  return use(LanguageContext).text;
}

export function useLanguage(): Chosen {
  return use(LanguageContext);
}

function preferred(): string {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null) return kept;
  } catch {
    // Storage may be forbidden.
  }
  const wished = navigator.languages.map((each) => each.slice(0, 2));
  return wished.map((each) => languages.find(({ tag }) => tag.startsWith(each))).find((each) => each !== undefined)?.tag ?? english.tag;
}

function remember(tag: string): void {
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // Storage may be forbidden; the choice lasts until the page is left.
  }
}
