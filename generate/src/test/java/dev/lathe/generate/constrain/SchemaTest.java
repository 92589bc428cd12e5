package dev.lathe.generate.constrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each keyword: what it lets through, what it stops, what is refused. */
class SchemaTest {
  private static final TokenTable BYTES = MaskChecks.bytesAnd();

  private static Place start(String schema) {
    Budget budget = new Budget();
    Form form = Translate.schema(schema.replace('\'', '"'), JsonForms.spaced(), budget);
    return MaskChecks.start(form, BYTES);
  }

  /** Values are divided by a space and a bar. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{'type':'null'} ~ null ~ true",
        "{'type':'boolean'} ~ true | false ~ null | True",
        "{'type':['string','null']} ~ null | 'a' ~ 1",
        "{'type':'integer'} ~ 0 | -12 | 123456789012345678 ~ 1.0 | -0 | 01 | 1e2 | +1 | 1234567890123456789",
        "{'type':'number'} ~ 0 | -1.5 | 1e10 | -0.1E-5 ~ .5 | 1. | 01 | 1e | NaN | 1e999",
        "{'type':'integer','minimum':-3,'maximum':12} ~ -3 | -1 | 0 | 9 | 10 | 12 ~ -4 | 13 | 100 | -0",
        "{'type':'integer','exclusiveMinimum':0,'exclusiveMaximum':100} ~ 1 | 99 | 50 ~ 0 | 100 | -1",
        "{'type':'integer','minimum':1.5,'maximum':3.5} ~ 2 | 3 ~ 1 | 4",
        "{'type':'integer','minimum':995,'maximum':100200} ~ 995 | 999 | 1000 | 99999 | 100200 ~ 994 | 100201 | 0995",
        "{'type':'integer','maximum':-7} ~ -7 | -8 | -100 ~ -6 | 0 | 7",
        "{'type':'integer','multipleOf':7,'minimum':-20} ~ 0 | 7 | -14 | 700 ~ 8 | -21 | -1",
        "{'type':'integer','multipleOf':2.5} ~ 0 | 5 | -10 ~ 2 | 1",
        "{'type':'integer','multipleOf':4,'allOf':[{'multipleOf':6}]} ~ 0 | 12 | -24 ~ 4 | 6",
        "{'type':'number','minimum':0,'maximum':1} ~ 0 | 1 | 0.5 | 1.0 | 0.999 | 1.000 ~ 1.001 | -0.1 | 2 | 1e0 | -0",
        "{'type':'number','exclusiveMinimum':-1.25,'maximum':2.5} ~ -1.249 | -1 | 2.5 | 2.50 | 0 | -0.5 | 2.49 ~ -1.25 | -1.250 | 2.51 | -1.3 | 3",
        "{'type':'number','minimum':-20.5,'exclusiveMaximum':-3} ~ -20.5 | -3.0001 | -10 | -4 ~ -3 | -3.0 | -2 | -20.51 | 0 | 5",
        "{'type':'number','exclusiveMinimum':0} ~ 0.001 | 1 | 12.5 ~ 0 | 0.0 | -1",
        "{'type':'number','multipleOf':0.01,'minimum':0} ~ 0 | 1.25 | 1.5 | 3 ~ 1.255 | -1",
        "{'type':'number','multipleOf':3} ~ 9 | -3 ~ 9.5 | 4",
        "{'type':'number','minimum':1,'maximum':1.7976931348623157e308} ~ 1 | 5.5 ~ 0.5",
        "{'minimum':3} ~ 3 | 4.5 ~ 2 | 'a'",
        "{'type':'integer','format':'int32'} ~ 2147483647 | -2147483648 ~ 2147483648",
        "{'type':'integer','minimum':0,'exclusiveMinimum':true} ~ 1 ~ 0",
        "{'type':'string'} ~ '' | 'aé日😀' | '\\n\\\"\\\\\\/' | '\\u00e9\\uD83D\\ude00' ~ '\\x' | '\\uD83D' | '\\ude00' | a | '",
        "{'type':'string','minLength':2,'maxLength':3} ~ 'ab' | 'é日😀' | '\\uD83D\\ude00a' | '\\n\\n\\n' ~ 'a' | 'abcd' | ''",
        "{'type':'string','minLength':100} ~ '0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789' ~ '012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678'",
        "{'type':'string','pattern':'^a+$'} ~ 'a' | 'aaa' ~ '' | 'ab'",
        "{'type':'string','pattern':'b'} ~ 'abc' | 'b' | '\\nb' ~ 'ac' | '\\u0062'",
        "{'type':'string','pattern':'^\\\\d{3}$','allOf':[{'pattern':'5'}]} ~ '159' | '555' ~ '123' | '5555'",
        "{'type':'string','pattern':'^[a-z]*$','maxLength':3,'minLength':1} ~ 'abc' ~ '' | 'abcd'",
        "{'type':'string','format':'date'} ~ '2024-02-29' | '2000-02-29' | '1999-12-31' ~ '2023-02-29' | '1900-02-29' | '2024-13-01' | '2024-04-31'",
        "{'type':'string','format':'time'} ~ '23:59:59Z' | '00:00:00.125+02:00' ~ '24:00:00Z' | '12:00'",
        "{'type':'string','format':'date-time'} ~ '2024-02-29T12:30:00Z' | '2024-01-01T00:00:00.1-05:30' ~ '2024-02-30T12:30:00Z' | '2024-01-01 00:00:00Z'",
        "{'type':'string','format':'uuid'} ~ '123e4567-e89b-12d3-a456-426614174000' ~ '123e4567e89b12d3a456426614174000'",
        "{'type':'string','format':'ipv4'} ~ '1.20.255.0' ~ '256.1.1.1' | '01.1.1.1' | '1.1.1'",
        "{'type':'string','format':'ipv6'} ~ '::1' | '1:2:3:4:5:6:7:8' | 'fe80::1:2' | '::' ~ '1:2' | '1::2::3' | '1:2:3:4:5:6:7:8:9'",
        "{'type':'string','format':'email'} ~ 'a.b+c@example.org' ~ 'a@b' | '@x.de' | 'a b@x.de'",
        "{'type':'string','format':'hostname'} ~ 'a.example.org' | 'x' ~ '-a' | 'a..b'",
        "{'type':'string','format':'uri'} ~ 'https://example.org/a?b=c#d' ~ 'example.org' | 'https://'",
        "{'type':'string','format':'duration'} ~ 'P1D' | 'PT1H30M' | 'P1Y2M3DT4S' ~ 'P' | '1D' | 'P1H'",
        "{'type':'string','format':'password'} ~ 'x' ~ 1",
        "{'enum':['a','b\\n',1,null,true,2.50]} ~ 'a' | 'b\\n' | 1 | null | true | 2.50 ~ 'c' | 'b' | 2 | '1'",
        "{'type':'string','enum':['a',1,'bcd'],'maxLength':2} ~ 'a' ~ 1 | 'bcd'",
        "{'enum':[1,5,9],'minimum':2,'exclusiveMaximum':9} ~ 5 ~ 1 | 9",
        "{'const':{'a':[1,2],'b':'x'}} ~ {'a':[1,2],'b':'x'} | {'a': [1, 2], 'b': 'x'} ~ {'b':'x','a':[1,2]} | {'a':[1],'b':'x'}",
        "{'enum':[1,2,3],'allOf':[{'enum':[3,2.0,7]}]} ~ 2 | 3 ~ 1 | 7",
        "{'anyOf':[{'type':'integer'},{'type':'string'}]} ~ 1 | 'a' ~ null | 1.5",
        "{'anyOf':[{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']},{'type':'object','properties':{'a':{'type':'string'},'b':{}},'required':['a','b']}]} ~ {'a':1} | {'a':'x','b':[]} ~ {'a':'x'} | {'a':1,'b':1}",
        "{'type':'object','properties':{'a':{},'b':{}},'anyOf':[{'required':['a']},{'required':['b']}]} ~ {'a':1} | {'b':1} | {'a':1,'b':2} ~ {}",
        "{'oneOf':[{'type':'integer'},{'type':'null'}]} ~ 1 | null ~ 'a'",
        "{'oneOf':[{'type':'string','const':'a'},{'type':'string','enum':['b','c']}]} ~ 'a' | 'b' ~ 'd'",
        "{'oneOf':[{'type':'number','maximum':0},{'type':'number','exclusiveMinimum':0}]} ~ -1 | 0 | 1 ~ 'a'",
        "{'oneOf':[{'type':'string','pattern':'^a'},{'type':'string','pattern':'^b'}]} ~ 'ab' | 'ba' ~ 'c'",
        "{'oneOf':[{'type':'array','maxItems':1},{'type':'array','minItems':2}]} ~ [] | [1] | [1,2,3] ~ 1",
        "{'oneOf':[{'properties':{'k':{'const':'a'},'x':{'type':'integer'}},'required':['k']},{'properties':{'k':{'const':'b'}},'required':['k']}],'type':'object'} ~ {'k':'a','x':1} | {'k':'b'} ~ {'k':'c'} | {'k':'b','x':1}",
        "{'oneOf':[{'type':'object','properties':{'a':{}},'required':['a']},{'type':'object','properties':{'b':{}},'required':['b']}]} ~ {'a':1} | {'b':1} ~ {} | {'a':1,'b':1}",
        "{'allOf':[{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']},{'properties':{'b':{'type':'null'}}}]} ~ {'a':1} | {'a':1,'b':null} ~ {'b':null}",
        "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'null'}}} ~ {} | {'a':1} | {'b':null} | {'a':1,'b':null} | {'a': 1, 'b': null} ~ {'b':null,'a':1} | {'c':1} | {'a':1,} | {,}",
        "{'type':'object','properties':{'a':{},'b':{}},'required':['b']} ~ {'b':1} | {'a':{},'b':[]} ~ {'a':1} | {}",
        "{'type':'object','properties':{},'required':['z']} ~ {'z':1} ~ {}",
        "{'type':'object'} ~ {} | {'x':{'y':[1,'a',null]}} ~ []",
        "{'type':'object','additionalProperties':false} ~ {} | { } ~ {'x':1}",
        "{'type':'object','properties':{'a':{}},'additionalProperties':{'type':'integer'}} ~ {'a':'x','b':1,'c':2} | {'b':1} | {'ab':1} ~ {'b':'x'} | {'b':1,'a':1}",
        "{'type':'object','patternProperties':{'^n_':{'type':'integer'},'_s$':{'type':'string'}},'additionalProperties':false} ~ {'n_a':1} | {'a_s':'x','n_b':2} ~ {'n_a':'x'} | {'other':1} | {'n_s':1}",
        "{'type':'object','patternProperties':{'^n_':{'type':'integer'}},'additionalProperties':{'type':'null'}} ~ {'n_a':1,'b':null} ~ {'b':1} | {'n_b':null}",
        "{'type':'object','propertyNames':{'enum':['a','b']},'additionalProperties':{'type':'integer'}} ~ {'a':1} | {'b':1} ~ {'c':1}",
        "{'type':'object','minProperties':1,'additionalProperties':{'type':'integer'}} ~ {'a':1} | {'a':1,'b':1} ~ {}",
        "{'type':'object','properties':{'a':{},'b':{}},'minProperties':1} ~ {'a':1} | {'b':1} ~ {}",
        "{'type':'object','maxProperties':2,'additionalProperties':{}} ~ {} | {'a':1,'b':1} ~ {'a':1,'b':1,'c':1}",
        "{'type':'array','items':{'type':'integer'},'minItems':1,'maxItems':3} ~ [1] | [1,2] | [1, 2, 3] ~ [] | [1,2,3,4] | ['a'] | [1,]",
        "{'type':'array','prefixItems':[{'type':'integer'},{'type':'string'}]} ~ [] | [1] | [1,'a'] ~ ['a'] | [1,'a',2]",
        "{'type':'array','prefixItems':[{'type':'integer'}],'items':{'type':'null'},'minItems':2} ~ [1,null] | [1,null,null] ~ [1] | [1,2]",
        "{'type':'array','items':[{'type':'integer'}],'additionalItems':false} ~ [1] | [] ~ [1,1]",
        "{'type':'array','items':false} ~ [] ~ [1]",
        "{'type':'array','maxItems':0} ~ [] ~ [1]",
        "{'type':'array'} ~ [] | [1,'a',{'b':[]}] ~ {}",
        "{'type':'array','uniqueItems':true,'maxItems':1} ~ [1] ~ [1,1]",
        "{'type':'string','nullable':true,'maxLength':1} ~ null | 'a' ~ 'ab'",
        "true ~ 1 | 'a' | {'a':[null]} ~ x",
        "{} ~ 1 | [] ~ nul",
        "{'$defs':{'n':{'type':'object','properties':{'v':{'type':'integer'},'next':{'anyOf':[{'$ref':'#/$defs/n'},{'type':'null'}]}},'required':['v','next']}},'$ref':'#/$defs/n'} ~ {'v':1,'next':null} | {'v':1,'next':{'v':2,'next':null}} ~ {'v':1} | {'v':1,'next':{}}",
        "{'type':'object','properties':{'c':{'type':'array','items':{'$ref':'#'}}}} ~ {'c':[{},{'c':[]}]} ~ {'c':[1]}",
        "{'$defs':{'x y':{'type':'null'}},'$ref':'#/$defs/x%20y'} ~ null ~ 1",
        "{'$ref':'#/$defs/a','maximum':5,'$defs':{'a':{'type':'integer','minimum':3}}} ~ 3 | 5 ~ 2 | 6",
        "{'title':'t','description':'d','default':1,'examples':[1],'$comment':'c','deprecated':true,'x-own':1,'type':'integer'} ~ 1 ~ 'a'"
      })
  void keyword_letsThroughAndStops(String schema, String valid, String invalid) {
    Place start = start(schema);
    for (String value : valid.split(" \\| ")) {
      String json = value.strip().replace('\'', '"');
      assertThat(MaskChecks.accepts(start, json)).as("%s by %s", json, schema).isTrue();
    }
    for (String value : invalid.split(" \\| ")) {
      String json = value.strip().replace('\'', '"');
      assertThat(MaskChecks.accepts(start, json)).as("%s by %s", json, schema).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{'not':{'type':'null'}} ~ /not: not supported",
        "{'type':'object','properties':{'a':{'if':{}}}} ~ /properties/a/if: not supported",
        "{'type':'array','contains':{'type':'null'}} ~ /contains: not supported",
        "{'type':'array','uniqueItems':true} ~ /uniqueItems: not supported",
        "{'dependentRequired':{'a':['b']}} ~ /dependentRequired: not supported",
        "{'type':'string','minLenght':3} ~ /minLenght: no keyword, perhaps \"minLength\"",
        "{'type':'strin'} ~ /type: \"strin\" (expected: one of null",
        "{'type':'string','format':'colour'} ~ /format: \"colour\" (expected: one of binary",
        "{'type':'string','pattern':'(?=a)'} ~ /pattern: regular expression \"(?=a)\", character 2",
        "{'type':'string','minLength':-1} ~ /minLength: -1 (expected: a whole number from 0",
        "{'type':'string','maxLength':'x'} ~ /maxLength: \"x\"",
        "{'type':'integer','minimum':'3'} ~ /minimum: \"3\" (expected: a number",
        "{'type':'integer','multipleOf':0} ~ /multipleOf: 0 (expected: a number above 0",
        "{'type':'number','multipleOf':0.3} ~ /multipleOf: 0.3",
        "{'$ref':'https://example.org/s'} ~ /$ref: \"https://example.org/s\"",
        "{'$ref':'#/$defs/none'} ~ /$ref: \"#/$defs/none\" is not there",
        "{'$ref':'#'} ~ /$ref: \"#\" leads back here",
        "{'allOf':[{'$ref':'#/allOf/0'}]} ~ leads back here",
        "{'properties':{'a':5}} ~ /properties/a: 5 (expected: a schema",
        "{'required':'a'} ~ /required: \"a\" (expected: an array of names",
        "{'anyOf':[]} ~ /anyOf: [] (expected: an array of schemas, at least one",
        "{'enum':[]} ~ /enum: [] (expected: an array of values, at least one",
        "{'oneOf':[{'type':'integer'},{'type':'number'}]} ~ /oneOf: members 0 and 1 may both hold",
        "{'oneOf':[{'type':'object','properties':{'a':{}}},{'type':'object','properties':{'b':{}}}]} ~ may both hold",
        "{'type':'string','minLength':3,'maxLength':2} ~ no text of this vocabulary satisfies schema",
        "{'type':'integer','minimum':3,'maximum':2} ~ no text",
        "{'type':'object','properties':{'a':{'enum':[1],'type':'string'}},'required':['a']} ~ satisfies schema/properties/a",
        "{'type':'object','properties':{'me':{'$ref':'#'}},'required':['me']} ~ no text",
        "false ~ no text",
        "{'type':'object','minProperties':5,'additionalProperties':{}} ~ /minProperties: 5",
        "{'type':'object','properties':{'a':{},'b':{}},'maxProperties':1} ~ /maxProperties: 1",
        "{'enum':[{'a':1}],'required':['a']} ~ /required: beside an array or object in enum",
        "[1] ~ [1] (expected: a schema",
        "{'type': ~ no JSON",
        "{'type':'null','type':'string'} ~ no JSON",
        "{'unevaluatedProperties':false,'allOf':[{}]} ~ /unevaluatedProperties: false beside",
        "{'$defs':{'a':{'tpye':'null'}}} ~ /$defs/a/tpye: no keyword, perhaps \"type\""
      })
  void whatCannotBeHeldTo_isRefusedWithItsPointer(String schema, String message) {
    assertThatThrownBy(() -> start(schema))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_CONSTRAINT))
        .hasMessageContaining(message.strip());
  }

  @Test
  void pointers_areDecoded() {
    Place start =
        start(
            "{'definitions':{'a/b':{'type':'integer'},'c~d':{'minimum':3}},"
                + "'allOf':[{'$ref':'#/definitions/a~1b'},{'$ref':'#/definitions/c~0d'}]}");
    assertThat(MaskChecks.accepts(start, "3")).isTrue();
    assertThat(MaskChecks.accepts(start, "2")).isFalse();
  }

  @Test
  void space_isBounded() {
    Place start = start("{'type':'object','properties':{'a':{'type':'array'}},'required':['a']}");
    assertThat(MaskChecks.accepts(start, "{\n  \"a\": [\n    1,\n    2\n  ]\n}")).isTrue();
    assertThat(MaskChecks.accepts(start, "{\"a\":[]}")).isTrue();
    assertThat(MaskChecks.accepts(start, "{  \"a\":[]}")).isFalse();
    assertThat(MaskChecks.accepts(start, "{\n\n\"a\":[]}")).isFalse();
    assertThat(MaskChecks.accepts(start, "{\n" + " ".repeat(17) + "\"a\":[]}")).isFalse();
    assertThat(MaskChecks.accepts(start, "{\"a\":[]} ")).isFalse();
    assertThat(MaskChecks.accepts(start, " {\"a\":[]}")).isFalse();
  }

  @Test
  void compactJson_hasNoSpace() {
    Form form = Translate.schema("{\"type\":\"array\"}", JsonForms.compact(), new Budget());
    Place start = MaskChecks.start(form, BYTES);
    assertThat(MaskChecks.accepts(start, "[1,{\"a\":2}]")).isTrue();
    assertThat(MaskChecks.accepts(start, "[1, 2]")).isFalse();
  }

  @Test
  void oneSpace_isNeverTwo() {
    Form form =
        Translate.schema(
            "{\"type\":\"array\"}", new JsonForms(Form.maybe(Form.text(" "))), new Budget());
    Place start = MaskChecks.start(form, BYTES);
    assertThat(MaskChecks.accepts(start, "[1, {\"a\": 2},3]")).isTrue();
    assertThat(MaskChecks.accepts(start, "[1,  2]")).isFalse();
    assertThat(MaskChecks.accepts(start, "[1,\n2]")).isFalse();
  }

  @Test
  void countsOfAnySize_takeNoRoom() {
    Place start =
        start(
            "{'type':'array','items':{'type':'string','maxLength':1000000},'maxItems':5000000,"
                + "'minItems':3}");
    assertThat(MaskChecks.accepts(start, "[\"" + "a".repeat(20_000) + "\",\"\",\"\"]")).isTrue();
    assertThat(MaskChecks.accepts(start, "[\"\",\"\"]")).isFalse();
  }

  @Test
  void schemaBombs_areRefusedOrRead() {
    String deep = "{'items':".repeat(400) + "{}" + "}".repeat(400);
    assertThat(start(deep).dead()).isFalse();
    assertThatThrownBy(() -> start("{'items':".repeat(60_000))).hasMessageContaining("no JSON");
    StringBuilder doubling = new StringBuilder("{'$defs':{'a0':{'type':'null'}");
    for (int i = 1; i <= 40; i++) {
      doubling.append(
          ",'a%d':{'anyOf':[{'$ref':'#/$defs/a%d'},{'allOf':[{'$ref':'#/$defs/a%d'}]}]}"
              .formatted(i, i - 1, i - 1));
    }
    doubling.append("},'$ref':'#/$defs/a40'}");
    assertThatThrownBy(() -> start(doubling.toString())).hasMessageContaining("cases");
    StringBuilder wide = new StringBuilder("{'type':'object','properties':{");
    for (int i = 0; i < 6000; i++) {
      wide.append(i == 0 ? "" : ",").append("'p").append(i).append("':{}");
    }
    assertThatThrownBy(() -> start(wide + "}}")).hasMessageContaining("6000 names");
    String[] patterns = new String[200];
    Arrays.fill(patterns, "{'pattern':'(a|b)*a(a|b){15}'}");
    assertThatThrownBy(() -> start("{'allOf':[" + String.join(",", patterns) + "]}"))
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(GenerateError.CONSTRAINT_TOO_LARGE));
  }

  @Test
  void manyOptionalProperties_areReadInTime() {
    StringBuilder wide = new StringBuilder("{'type':'object','properties':{");
    for (int i = 0; i < 400; i++) {
      wide.append(i == 0 ? "" : ",").append("'property_").append(i).append("':{'type':'integer'}");
    }
    Place start = start(wide + "}}");
    assertThat(MaskChecks.accepts(start, "{\"property_3\":1,\"property_399\":2}")).isTrue();
    assertThat(MaskChecks.accepts(start, "{\"property_399\":1,\"property_3\":2}")).isFalse();
  }

  @Test
  void longLists_areReadInTime() {
    StringBuilder values = new StringBuilder("{'enum':[");
    for (int i = 0; i < 8000; i++) {
      values.append(i == 0 ? "" : ",").append("'value ").append(i * 7919).append("'");
    }
    Place start = start(values + "]}");
    assertThat(MaskChecks.accepts(start, "\"value " + 7919 * 7999 + "\"")).isTrue();
    assertThat(MaskChecks.accepts(start, "\"value 1\"")).isFalse();
  }

  @Test
  void longChainsOfDefinitions_takeNoStack() {
    StringBuilder chain = new StringBuilder("{'$defs':{'a0':{'type':'null'}");
    for (int i = 1; i < 5000; i++) {
      chain.append(
          ",'a%d':{'type':'array','items':{'$ref':'#/$defs/a%d'},'maxItems':1}"
              .formatted(i, i - 1));
    }
    Place start = start(chain + "},'$ref':'#/$defs/a4999'}");
    assertThat(MaskChecks.accepts(start, "[[[[]]]]")).isTrue();
  }
}
