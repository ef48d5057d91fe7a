resource "terraform_data" "a" {
  input            = ""
  triggers_replace = null
}
resource "terraform_data" "b" {
  input = null
}
resource "terraform_data" "c" {
  input = [null, "", {}, []]
  triggers_replace = ""
}
output "o" {
  value = [terraform_data.a.output, terraform_data.b.output, terraform_data.c.output]
}
