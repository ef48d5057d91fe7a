resource "terraform_data" "a" { input = tomap({ k = 1 }) }
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [terraform_data.a.input.k] }
}
resource "terraform_data" "c" {
  lifecycle { replace_triggered_by = [terraform_data.a.input["k"]] }
}
