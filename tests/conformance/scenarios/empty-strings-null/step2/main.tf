resource "terraform_data" "a" {
  input            = null
  triggers_replace = ""
}
resource "terraform_data" "b" {
  input = ""
}
resource "terraform_data" "c" {
  input = []
  triggers_replace = null
}
output "o" {
  value = [terraform_data.a.output, terraform_data.b.output, terraform_data.c.output]
}
