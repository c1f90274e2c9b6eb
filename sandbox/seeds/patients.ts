/** Invented people who book at the clinic, and what they come for. */
export interface InventedPatient {
  name: string;
  email: string;
  timeZone: string;
  locale: string;
}

const person = (name: string, timeZone = 'Europe/Amsterdam', locale = 'nl'): InventedPatient => ({
  name,
  email: `${name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z ]/g, '')
    .toLowerCase()
    .replaceAll(' ', '.')}@example.com`,
  timeZone,
  locale,
});

export const PATIENTS: InventedPatient[] = [
  person('Noor van Dijk'),
  person('Daan Bakker'),
  person('Sanne Visser'),
  person('Lotte Mulder'),
  person('Ruben de Groot'),
  person('Fatima El Amrani'),
  person('Youssef Benali'),
  person('Maria Santos', 'Europe/Lisbon', 'pt'),
  person('Tomasz Kowalski', 'Europe/Warsaw', 'pl'),
  person('Ayşe Yilmaz', 'Europe/Amsterdam', 'tr'),
  person('Willem Smit'),
  person('Anouk Peters'),
  person('Joost Hendriks'),
  person('Eva Dekker'),
  person('Mees Vos'),
  person('Grace Okafor', 'Europe/London', 'en'),
  person('Oliver Hughes', 'Europe/London', 'en'),
  person('Chiara Conti', 'Europe/Rome', 'it'),
  person('Lena Hoffmann', 'Europe/Berlin', 'de'),
  person('Jonas Weber', 'Europe/Berlin', 'de'),
  person('Sofia Lindqvist', 'Europe/Stockholm', 'sv'),
  person('Kenji Tanaka', 'Europe/Amsterdam', 'ja'),
  person('Priya Raman', 'Europe/Amsterdam', 'en'),
  person('Emily Carter', 'America/New_York', 'en'),
  person('Bram Jacobs'),
  person('Isa Kuipers'),
  person('Hugo Maas'),
  person('Roos Verbeek'),
  person('Karim Aziz'),
  person('Julia Schouten'),
  person('Pieter Bos'),
  person('Amina Diallo', 'Europe/Paris', 'fr'),
  person('Thijs Willems'),
  person('Femke Postma'),
  person('Nina Kramer'),
  person('Stijn van Leeuwen'),
  person('Marieke Blom'),
  person('Gerrit Veenstra'),
  person('Hanna Brouwer'),
  person('Lucas Meijer'),
  person('Zoë Martens'),
  person('Omar Farouk'),
  person('Elif Demir', 'Europe/Amsterdam', 'tr'),
  person('Ingrid Solberg', 'Europe/Oslo', 'no'),
  person('Mateo García', 'Europe/Madrid', 'es'),
  person('Claire Dubois', 'Europe/Paris', 'fr'),
  person('Wim Scholten'),
  person('Aisha Osman', 'Europe/London', 'en'),
  person('Dirk Hoekstra'),
  person('Yara Koning'),
];

export const REASONS = [
  'Follow-up on blood pressure',
  'Results of the blood test',
  'Headaches for two weeks',
  'Renewal of a prescription',
  'Cough that does not go away',
  'Back pain after lifting',
  'Question about a new medicine',
  'Check after the operation',
  'Sleep has been poor lately',
  'Rash on both arms',
  '',
  '',
];

export const MOVE_REASONS = ['Something came up at work', 'My train is late', 'No childcare that day', 'A later time suits me better'];
export const CANCEL_REASONS = ['Feeling better', 'Found an earlier appointment', 'Cannot make it after all', 'Going abroad'];
