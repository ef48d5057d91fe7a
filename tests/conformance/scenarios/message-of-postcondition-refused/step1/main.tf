resource "terraform_data" "a" {
  input = ["q"]
  lifecycle {
    postcondition {
      condition = length(self.output) == 1
      error_message = "m ${self.output[1]}"
    }
  }
}
