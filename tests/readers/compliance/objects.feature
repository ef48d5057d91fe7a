Feature: what the plan says of objects

  Scenario: every object has an input
    Given I have terraform_data defined
    Then it must contain input

  Scenario: names are upper case
    Given I have terraform_data defined
    When its name is named
    Then it must contain input
    And its value must match the "^[A-Z]+$" regex
