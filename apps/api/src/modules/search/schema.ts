import './schema/search-field.js';
